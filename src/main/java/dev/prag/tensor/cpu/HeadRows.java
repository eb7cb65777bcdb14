package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

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
    float[] factors = new float[Tiles.ROWS];
    float[] partialSums = new float[0];
    /** What {@link InPlace#touch} gave last; nothing reads it. */
    float touched;

    private float[] row = new float[0];

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
            for (int block = 0; block * size < cached; block++) {
                long row = (long) span.blocks()[block] * size;
                for (int p = block * size; p < Math.min(cached, (block + 1) * size); p++, row++) {
                    keys[p] = keyBase + row * stride;
                    values[p] = valueBase + row * stride;
                }
            }
        }
        long keyBase = CpuDevice.at(k) + column + span.row() * stride;
        long valueBase = CpuDevice.at(v) + column + span.row() * stride;
        for (int p = cached; p < n; p++) {
            keys[p] = keyBase + (p - span.position()) * stride;
            values[p] = valueBase + (p - span.position()) * stride;
        }
    }

    /** The first n rows as an array [n, stride], where a row is padded with zeros to whole vectors. */
    static void gather(float[] to, long[] rows, int n, int dim, int stride) {
        for (int p = 0; p < n; p++) {
            copyIn(to, p * stride, rows[p], dim, 1);
        }
    }

    /** The first n rows as panels; the rows that the last one lacks are zero. */
    void gatherPanels(float[] panels, long[] rows, int n, int dim) {
        row = atLeast(row, Tiles.vectors(dim));
        for (int p = 0; p < n; p++) {
            copyIn(row, 0, rows[p], dim, 1);
            Tiles.intoPanel(panels, p, row, dim);
        }
        Arrays.fill(row, 0, dim, 0f);
        for (int p = n; p < Tiles.padded(n); p++) {
            Tiles.intoPanel(panels, p, row, dim);
        }
    }

    /** factor times one row from memory, padded with zeros to whole vectors. */
    static void copyIn(float[] to, int at, long from, int dim, float factor) {
        int d = 0;
        for (; d <= dim - LANES; d += LANES) {
            Vec.load(from + 4L * d).mul(factor).intoArray(to, at + d);
        }
        for (; d < dim; d++) {
            to[at + d] = Vec.getFloat(from + 4L * d) * factor;
        }
        Arrays.fill(to, at + dim, at + Tiles.vectors(dim), 0f);
    }

    /** factor times one row to memory. */
    static void copyOut(long to, float[] from, int at, int dim, float factor) {
        int d = 0;
        for (; d <= dim - LANES; d += LANES) {
            Vec.store(FloatVector.fromArray(F, from, at + d).mul(factor), to + 4L * d);
        }
        for (; d < dim; d++) {
            Vec.setFloat(to + 4L * d, from[at + d] * factor);
        }
    }

    /** The array, or a larger one. */
    static float[] atLeast(float[] array, int length) {
        return array.length >= length ? array : new float[length + length / 4];
    }
}
