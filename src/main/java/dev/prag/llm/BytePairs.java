package dev.prag.llm;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Byte-pair encoding of one piece of text (Sennrich et al., 2016): from its bytes or characters on, the
 * neighbours with the lowest rank are merged, the leftmost first, until no merge applies. A heap holds the candidates, so
 * that even a piece of a hundred thousand bytes takes n log n steps.
 */
final class BytePairs {
    /** Stands where there is no token. */
    static final int NO_ID = -1;

    private static final int CACHED_PIECES = 1 << 16;
    private static final int LONGEST_CACHED = 64;

    private final Map<String, Integer> vocabulary;
    private final PairTable merges;
    private final Symbols symbols;
    private final boolean ignoreMerges;
    private final Map<String, int[]> cache = new ConcurrentHashMap<>();

    /**
     * @param ignoreMerges whether a piece that is a token is taken as it is, as Llama 3 does
     */
    BytePairs(Map<String, Integer> vocabulary, PairTable merges, Symbols symbols, boolean ignoreMerges) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.symbols = symbols;
        this.ignoreMerges = ignoreMerges;
    }

    /** Ids of a piece; the array is shared and must not be changed. */
    int[] encode(String piece) {
        if (piece.length() > LONGEST_CACHED) {
            return compute(piece);
        }
        int[] known = cache.get(piece);
        if (known == null) {
            known = compute(piece);
            if (cache.size() < CACHED_PIECES) {
                cache.put(piece, known);
            }
        }
        return known;
    }

    private int[] compute(String piece) {
        if (ignoreMerges) {
            Integer whole = vocabulary.get(symbols.spell(piece));
            if (whole != null) {
                return new int[] {whole};
            }
        }
        return new Merging(symbols.of(piece)).run();
    }

    /** The merging of one piece: symbols in a linked list, candidates in a binary heap. */
    private final class Merging {
        private static final int NONE = Integer.MAX_VALUE;

        private final int[] ids;
        private final int[] next;
        private final int[] previous;
        /** Rank of the pair that each symbol forms with its successor. */
        private final int[] ranks;
        /** Candidates as rank and position in one number, the smallest first; outdated ones are skipped. */
        private long[] heap;

        private int heapSize;

        /** @param symbols ids to begin with, which become this object's own */
        Merging(int[] symbols) {
            int n = symbols.length;
            ids = symbols;
            next = new int[n];
            previous = new int[n];
            ranks = new int[n];
            heap = new long[Math.max(4, n)];
            for (int i = 0; i < n; i++) {
                next[i] = i + 1;
                previous[i] = i - 1;
            }
            for (int i = 0; i < n; i++) {
                offer(i);
            }
        }

        int[] run() {
            int count = ids.length;
            while (heapSize > 0) {
                long candidate = poll();
                int at = (int) candidate;
                if (ranks[at] == (int) (candidate >>> 32)) {
                    merge(at);
                    count--;
                }
            }
            int[] result = new int[count];
            int symbol = 0;
            for (int i = 0; i < count; i++) {
                result[i] = ids[symbol];
                symbol = next[symbol];
            }
            return result;
        }

        private void merge(int at) {
            int gone = next[at];
            ids[at] = merges.merged(merges.find(ids[at], ids[gone]));
            ranks[gone] = NONE;
            next[at] = next[gone];
            if (next[at] < ids.length) {
                previous[next[at]] = at;
            }
            offer(at);
            if (previous[at] >= 0) {
                offer(previous[at]);
            }
        }

        private void offer(int at) {
            int slot = next[at] < ids.length ? merges.find(ids[at], ids[next[at]]) : -1;
            ranks[at] = slot < 0 ? NONE : merges.rank(slot);
            if (slot >= 0) {
                push((long) ranks[at] << 32 | at);
            }
        }

        private void push(long candidate) {
            if (heapSize == heap.length) {
                heap = Arrays.copyOf(heap, 2 * heapSize);
            }
            int child = heapSize++;
            while (child > 0 && heap[(child - 1) / 2] > candidate) {
                heap[child] = heap[(child - 1) / 2];
                child = (child - 1) / 2;
            }
            heap[child] = candidate;
        }

        private long poll() {
            long first = heap[0];
            long last = heap[--heapSize];
            int parent = 0;
            while (true) {
                int child = 2 * parent + 1;
                if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
                    child++;
                }
                if (child >= heapSize || heap[child] >= last) {
                    break;
                }
                heap[parent] = heap[child];
                parent = child;
            }
            heap[parent] = last;
            return first;
        }
    }
}
