package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The k best of a row, best first, the lower id first among equals. A heap holds the best so far with the worst of them
 * on top; whole vectors that do not beat it are skipped.
 */
final class TopK {
    private final int[] ids;
    private int size;

    TopK(int capacity) {
        ids = new int[capacity];
    }

    int capacity() {
        return ids.length;
    }

    /** The id of the largest of values[0, n); the lowest among equals. */
    static int best(float[] values, int n) {
        FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            most = most.max(FloatVector.fromArray(F, values, i));
        }
        float best = most.reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            best = Math.max(best, values[i]);
        }
        for (int id = 0; id < n; id++) {
            if (values[id] == best) {
                return id;
            }
        }
        return 0;
    }

    /** Takes the k best of values[0, n). */
    int[] select(float[] values, int n, int k) {
        size = 0;
        int i = 0;
        for (; i < k; i++) {
            ids[size++] = i;
            up(values, size - 1);
        }
        for (; i < n; ) {
            if (i <= n - LANES
                    && !FloatVector.fromArray(F, values, i)
                            .compare(VectorOperators.GT, values[ids[0]])
                            .anyTrue()) {
                i += LANES;
                continue;
            }
            for (int end = Math.min(n, i + LANES); i < end; i++) {
                // An equal value has the higher id here, and loses.
                if (values[i] > values[ids[0]]) {
                    ids[0] = i;
                    down(values, 0, size);
                }
            }
        }
        for (int end = size - 1; end > 0; end--) {
            swap(0, end);
            down(values, 0, end);
        }
        return ids;
    }

    /** Whether a is the worse choice of the two. */
    private static boolean worse(float[] values, int a, int b) {
        return values[a] < values[b] || (values[a] == values[b] && a > b);
    }

    private void up(float[] values, int at) {
        int i = at;
        while (i > 0 && worse(values, ids[i], ids[(i - 1) / 2])) {
            swap(i, (i - 1) / 2);
            i = (i - 1) / 2;
        }
    }

    private void down(float[] values, int at, int end) {
        int i = at;
        while (2 * i + 1 < end) {
            int child = 2 * i + 1;
            if (child + 1 < end && worse(values, ids[child + 1], ids[child])) {
                child++;
            }
            if (!worse(values, ids[child], ids[i])) {
                return;
            }
            swap(i, child);
            i = child;
        }
    }

    private void swap(int a, int b) {
        int id = ids[a];
        ids[a] = ids[b];
        ids[b] = id;
    }
}
