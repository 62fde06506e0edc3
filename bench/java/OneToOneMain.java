import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.concurrent.Semaphore;

/**
 * One producer, one consumer, events of 8 bytes. Argument: wait strategy. Each line of input, "events batch", is answered with
 * "sum nanoseconds": `batch` slots are claimed and published at a time.
 */
final class OneToOneMain {
    private static final int SLOTS = 1 << 16;

    private OneToOneMain() {}

    private static final class Slot {
        long value;
    }

    private static final class Summing implements EventHandler<Slot> {
        final Semaphore finished = new Semaphore(0);
        volatile long lastSequence = -1;
        long sum;

        @Override
        public void onEvent(Slot slot, long sequence, boolean endOfBatch) {
            sum += slot.value;
            if (endOfBatch && sequence == lastSequence) finished.release();
        }
    }

    public static void main(String[] args) throws Exception {
        WaitStrategy wait = args[0].equals("busy-spin") ? new BusySpinWaitStrategy() : new YieldingWaitStrategy();
        Disruptor<Slot> disruptor = new Disruptor<>(Slot::new, SLOTS, DaemonThreadFactory.INSTANCE, ProducerType.SINGLE, wait);
        Summing consumer = new Summing();
        disruptor.handleEventsWith(consumer);
        RingBuffer<Slot> ring = disruptor.start();

        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            long events = Long.parseLong(words[0]);
            int batch = Integer.parseInt(words[1]);
            consumer.sum = 0;
            consumer.lastSequence = ring.getCursor() + events;
            long begin = System.nanoTime();
            if (batch == 1) publishSingly(ring, events);
            else publishBatches(ring, events, batch);
            consumer.finished.acquire();
            System.out.println(consumer.sum + " " + (System.nanoTime() - begin));
        }
        disruptor.shutdown();
    }

    private static void publishSingly(RingBuffer<Slot> ring, long events) {
        for (long i = 0; i < events; i++) {
            long sequence = ring.next();
            ring.get(sequence).value = i;
            ring.publish(sequence);
        }
    }

    private static void publishBatches(RingBuffer<Slot> ring, long events, int batch) {
        for (long i = 0; i < events; ) {
            int count = (int) Math.min(batch, events - i);
            long high = ring.next(count);
            long low = high - count + 1;
            for (long sequence = low; sequence <= high; sequence++) ring.get(sequence).value = i++;
            ring.publish(low, high);
        }
    }
}
