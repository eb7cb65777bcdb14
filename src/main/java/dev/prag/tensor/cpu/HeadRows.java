package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * One thread's workspace in attention: where the keys and values of a span lie, for one key/value head, and the arrays
 * that hold a head's rows in the forms that {@link Tiles} reads. It grows with the longest span and is used again.
 */
final class HeadRows {
    long[] keys = new long[0];
    long[] values = new long[0];
    float[] keyRows = new float[0];
    float[] keyPanels = new float[0];
    float[] valueRows = new float[0];
    float[] valuePanels = new float[0];
    float[] keyGradients = new float[0];
    float[] valueGradients = new float[0];
    float[] scores = new float[0];
    float[] scoreGradients = new float[0];
    float[] queries = new float[0];
    float[] results = new float[0];
    float[] resultGradients = new float[0];

    /** Finds the rows of positions [0, n) for one head: through the block table below the span's position. */
    void locate(Tensor k, Tensor v, KvLayer cache, Span span, int head, int headDim, int n) {
        if (keys.length < n) {
            keys = new long[n + n / 4];
            values = new long[keys.length];
        }
        long column = 4L * head * headDim;
        long stride = 4L * k.cols();
        int cached = Math.min(n, span.position());
        if (cached > 0) {
            long keyBase = CpuDevice.at(cache.keys()) + column;
            long valueBase = CpuDevice.at(cache.values()) + column;
            int size = cache.blockSize();
            for (int p = 0; p < cached; p++) {
                long row = (long) span.blocks()[p / size] * size + p % size;
                keys[p] = keyBase + row * stride;
                values[p] = valueBase + row * stride;
            }
        }
        long keyBase = CpuDevice.at(k) + column + span.row() * stride;
        long valueBase = CpuDevice.at(v) + column + span.row() * stride;
        for (int p = cached; p < n; p++) {
            keys[p] = keyBase + (p - span.position()) * stride;
            values[p] = valueBase + (p - span.position()) * stride;
        }
    }

    /** The first n rows as an array [n, stride], padded with zeros. */
    static void gather(float[] to, long[] rows, int n, int dim, int stride) {
        for (int p = 0; p < n; p++) {
            copyIn(to, p * stride, rows[p], dim, stride);
        }
    }

    /** One row from memory, padded with zeros. */
    static void copyIn(float[] to, int at, long from, int dim, int stride) {
        MemorySegment.copy(ALL, JAVA_FLOAT_UNALIGNED, from, to, at, dim);
        for (int d = dim; d < stride; d++) {
            to[at + d] = 0;
        }
    }

    /** One row to memory. */
    static void copyOut(long to, float[] from, int at, int dim) {
        MemorySegment.copy(from, at, ALL, JAVA_FLOAT_UNALIGNED, to, dim);
    }

    /** The array, or a larger one. */
    static float[] atLeast(float[] array, int length) {
        return array.length >= length ? array : new float[length + length / 4];
    }
}
