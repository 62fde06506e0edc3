import java.io.BufferedReader;
import java.io.InputStreamReader;

/**
 * Serves rounds to src/rivals/disruptor.ts. Arguments: workers, wait strategy. Each line of input, "events K chunkEvents", is
 * answered with "checksum items milliseconds cpuMilliseconds", and the last two of the loop as well: it is this JVM's own, warmed
 * before the first answer. Processor time is that of all threads of the JVM.
 */
final class OrderedMain {
    private static final int WARM_LOOPS = 3;

    private OrderedMain() {}

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        boolean warm = false;
        try (OrderedFlow flow = new OrderedFlow(Integer.parseInt(args[0]), args[1])) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                int events = Integer.parseInt(words[0]);
                int k = Integer.parseInt(words[1]);
                for (int i = 0; !warm && i < WARM_LOOPS; i++) W1.sequential(events, k);
                warm = true;

                long loopCpuBegin = ProcessCpu.nanos();
                long loopBegin = System.nanoTime();
                W1.Answer loop = W1.sequential(events, k);
                long loopEnd = System.nanoTime();
                long cpuBegin = ProcessCpu.nanos();
                long begin = System.nanoTime();
                W1.Answer answer = flow.round(events, k, Integer.parseInt(words[2]));
                long end = System.nanoTime();
                long cpuEnd = ProcessCpu.nanos();

                if (!answer.equals(loop)) throw new IllegalStateException("flow " + answer + ", loop " + loop);
                System.out.println(Integer.toUnsignedString(answer.checksum()) + " " + answer.items() + " "
                    + (end - begin) / 1e6 + " " + (cpuEnd - cpuBegin) / 1e6 + " "
                    + (loopEnd - loopBegin) / 1e6 + " " + (cpuBegin - loopCpuBegin) / 1e6);
            }
        }
    }
}
