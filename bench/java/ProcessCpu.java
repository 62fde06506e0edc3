import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;

/** Processor time of all threads of this JVM. The JVM's own account counts in ticks of 10 ms, the system's for each thread in nanoseconds. */
final class ProcessCpu {
    private static final File TASKS = new File("/proc/self/task");
    private static final OperatingSystemMXBean SYSTEM =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private ProcessCpu() {}

    static long nanos() {
        File[] tasks = TASKS.listFiles();
        if (tasks == null) return SYSTEM.getProcessCpuTime();
        long sum = 0;
        for (File task : tasks) sum += nanosOf(task);
        return sum;
    }

    private static long nanosOf(File task) {
        try {
            return Long.parseLong(Files.readString(task.toPath().resolve("schedstat")).split(" ")[0]);
        } catch (IOException ended) {
            return 0;
        }
    }
}
