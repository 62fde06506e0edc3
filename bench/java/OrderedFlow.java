import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import java.util.Arrays;
import java.util.concurrent.SynchronousQueue;

/**
 * The ordered flow on a Disruptor: a producer claims slots, each worker computes the slots whose sequence, modulo the workers, is
 * its own, and the writer, gated on all workers, folds the slots in sequence.
 *
 * A slot is a chunk of events and holds what they emit, in records of [sequence, count, values]. So the cost of a sequence is
 * shared by many events; memory is the slots times the largest output of a chunk.
 */
final class OrderedFlow implements AutoCloseable {
    private static final int SLOTS = 16;

    private static final class Chunk {
        int begin;
        int end;
        int k;
        boolean last;
        int[] words = new int[1 << 16];
        int used;
    }

    private final Disruptor<Chunk> disruptor;
    private final RingBuffer<Chunk> ring;
    private final SynchronousQueue<W1.Answer> answers = new SynchronousQueue<>();

    OrderedFlow(int workers, String wait) {
        disruptor = new Disruptor<>(Chunk::new, SLOTS, DaemonThreadFactory.INSTANCE, ProducerType.SINGLE, strategy(wait));
        Worker[] computing = new Worker[workers];
        Arrays.setAll(computing, index -> new Worker(index, workers));
        disruptor.handleEventsWith(computing).then(new Writer());
        ring = disruptor.start();
    }

    private static WaitStrategy strategy(String name) {
        return switch (name) {
            case "blocking" -> new BlockingWaitStrategy();
            case "yielding" -> new YieldingWaitStrategy();
            default -> throw new IllegalArgumentException("wait strategy " + name + ": blocking or yielding");
        };
    }

    W1.Answer round(int events, int k, int chunkEvents) throws InterruptedException {
        for (int begin = 0; begin < events; begin += chunkEvents) {
            long sequence = ring.next();
            Chunk chunk = ring.get(sequence);
            chunk.begin = begin;
            chunk.end = Math.min(events, begin + chunkEvents);
            chunk.k = k;
            chunk.last = chunk.end == events;
            ring.publish(sequence);
        }
        return answers.take();
    }

    @Override
    public void close() {
        disruptor.shutdown();
    }

    private static final class Worker implements EventHandler<Chunk> {
        private final int index;
        private final int workers;

        Worker(int index, int workers) {
            this.index = index;
            this.workers = workers;
        }

        @Override
        public void onEvent(Chunk chunk, long sequence, boolean endOfBatch) {
            if (sequence % workers == index) compute(chunk);
        }

        private static void compute(Chunk chunk) {
            int[] words = chunk.words;
            int at = 0;
            for (int seq = chunk.begin; seq < chunk.end; seq++) {
                int x = W1.hash(seq);
                if (!W1.interesting(x)) continue;
                int acc = W1.work(x, chunk.k);
                int count = W1.itemCount(x);
                if (count == 0) continue;
                if (at + 2 + count > words.length) words = Arrays.copyOf(words, Math.max(words.length * 2, at + 2 + count));
                words[at++] = seq;
                words[at++] = count;
                for (int j = 0; j < count; j++) words[at++] = W1.item(acc, j);
            }
            chunk.words = words;
            chunk.used = at;
        }
    }

    private final class Writer implements EventHandler<Chunk> {
        private int checksum;
        private long items;

        @Override
        public void onEvent(Chunk chunk, long sequence, boolean endOfBatch) throws InterruptedException {
            fold(chunk.words, chunk.used);
            if (!chunk.last) return;
            answers.put(new W1.Answer(checksum, items));
            checksum = 0;
            items = 0;
        }

        private void fold(int[] words, int used) {
            int sum = checksum;
            int at = 0;
            while (at < used) {
                int seq = words[at++];
                int count = words[at++];
                for (int end = at + count; at < end; at++) sum = W1.fold(sum, seq, words[at]);
                items += count;
            }
            checksum = sum;
        }
    }
}
