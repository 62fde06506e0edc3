/** W1 in Java: the same arithmetic as src/workloads/w1.ts, checked by the same checksum. */
final class W1 {
    private W1() {}

    static int mix(int x) {
        x ^= x >>> 16;
        x *= 0x85ebca6b;
        x ^= x >>> 13;
        x *= 0xc2b2ae35;
        return x ^ (x >>> 16);
    }

    static int hash(int seq) {
        return mix(seq * 0x9e3779b1);
    }

    static boolean interesting(int x) {
        return (x & 3) != 0;
    }

    static int work(int x, int k) {
        int acc = x;
        for (int i = 0; i < k; i++) acc = mix(acc + i);
        return acc;
    }

    static int itemCount(int x) {
        int m = (x >>> 2) % 1000;
        return m < 500 ? 0 : m < 900 ? 1 : m < 999 ? 8 : 10000;
    }

    static int item(int acc, int j) {
        return mix(acc + j);
    }

    static int fold(int checksum, int seq, int value) {
        return ((checksum * 31) ^ seq) + value;
    }

    record Answer(int checksum, long items) {}

    /** The plain loop: what the Disruptor is compared with, in the same JVM. */
    static Answer sequential(int n, int k) {
        int checksum = 0;
        long items = 0;
        for (int seq = 0; seq < n; seq++) {
            int x = hash(seq);
            if (!interesting(x)) continue;
            int acc = work(x, k);
            int count = itemCount(x);
            for (int j = 0; j < count; j++) checksum = fold(checksum, seq, item(acc, j));
            items += count;
        }
        return new Answer(checksum, items);
    }
}
