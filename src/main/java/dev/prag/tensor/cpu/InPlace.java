package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * The products inside attention for four rows of queries over keys and values that are read once, where they lie. A head
 * is a multiple of {@link Tiles#WIDTH} long.
 */
final class InPlace {
    /** Rows of queries. */
    static final int ROWS = 4;

    private static final int HALF = LANES / 2;

    /** Length of the workspace of {@link #scores}. */
    static final int PARTIAL_SUMS = ROWS * HALF * LANES;

    // For each power of two: the lanes whose number has that bit, and the exchange of those with the others.
    private static final VectorMask<Float> BIT_4 = lanesWith(4);
    private static final VectorMask<Float> BIT_2 = lanesWith(2);
    private static final VectorMask<Float> BIT_1 = lanesWith(1);
    private static final VectorShuffle<Float> SWAP_4 = swap(4);
    private static final VectorShuffle<Float> SWAP_2 = swap(2);
    private static final VectorShuffle<Float> SWAP_1 = swap(1);
    private static final VectorMask<Float> BIT_HALF = lanesWith(HALF);
    private static final VectorShuffle<Float> SWAP_HALF = swap(HALF);

    private InPlace() {}

    private static VectorMask<Float> lanesWith(int bit) {
        long lanes = 0;
        for (int lane = 0; lane < LANES; lane++) {
            lanes |= (lane & bit) != 0 ? 1L << lane : 0;
        }
        return VectorMask.fromLong(F, lanes);
    }

    private static VectorShuffle<Float> swap(int bit) {
        return VectorShuffle.fromOp(F, lane -> (lane ^ bit) % LANES);
    }

    /**
     * Reads rows [first, last) once from end to end, which brings them into the cache at the speed of memory; the kernels
     * below jump from row to row, which no prefetcher follows. The sum of all is there for the reads to stay.
     */
    static float touch(long[] rows, int first, int last, int elements) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        for (int p = first; p < last; p++) {
            for (int i = 0; i < elements; i += Tiles.WIDTH) {
                s0 = s0.add(Vec.load(rows[p] + 4L * i));
                s1 = s1.add(Vec.load(rows[p] + 4L * (i + LANES)));
            }
        }
        return s0.add(s1).lane(0);
    }

    /**
     * s[sAt + r·sStride + p] ← q[qAt + r·dim + …] · (the row at keys[p] + offset), for the rows r and p in
     * [first, first + {@link Vec#LANES}), where keys end at n: what is beyond may be anything.
     */
    static void scores(
            float[] s,
            int sAt,
            int sStride,
            float[] q,
            int qAt,
            long[] keys,
            long offset,
            int first,
            int n,
            int dim,
            float[] partial) {
        for (int i = 0; i < HALF; i++) {
            long one = keys[Math.min(first + i, n - 1)] + offset;
            long other = keys[Math.min(first + i + HALF, n - 1)] + offset;
            twoKeys(partial, i * LANES, q, qAt, one, other, dim);
        }
        for (int r = 0; r < ROWS; r++) {
            int at = r * HALF * LANES;
            if (LANES == 16) {
                fold4(partial, at);
            }
            if (LANES >= 8) {
                fold2(partial, at);
            }
            if (LANES >= 4) {
                fold1(partial, at);
            }
            FloatVector.fromArray(F, partial, at).intoArray(s, sAt + r * sStride + first);
        }
    }

    /** The products with two keys, summed up to half a vector each. */
    private static void twoKeys(float[] partial, int at, float[] q, int qAt, long first, long second, int dim) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector d0 = a0;
        FloatVector d1 = a0;
        for (int d = 0; d < dim; d += Tiles.WIDTH) {
            FloatVector k0 = Vec.load(first + 4L * d);
            FloatVector k1 = Vec.load(second + 4L * d);
            FloatVector x = FloatVector.fromArray(F, q, qAt + d);
            a0 = x.fma(k0, a0);
            a1 = x.fma(k1, a1);
            x = FloatVector.fromArray(F, q, qAt + dim + d);
            b0 = x.fma(k0, b0);
            b1 = x.fma(k1, b1);
            x = FloatVector.fromArray(F, q, qAt + 2 * dim + d);
            c0 = x.fma(k0, c0);
            c1 = x.fma(k1, c1);
            x = FloatVector.fromArray(F, q, qAt + 3 * dim + d);
            d0 = x.fma(k0, d0);
            d1 = x.fma(k1, d1);
            k0 = Vec.load(first + 4L * (d + LANES));
            k1 = Vec.load(second + 4L * (d + LANES));
            x = FloatVector.fromArray(F, q, qAt + d + LANES);
            a0 = x.fma(k0, a0);
            a1 = x.fma(k1, a1);
            x = FloatVector.fromArray(F, q, qAt + dim + d + LANES);
            b0 = x.fma(k0, b0);
            b1 = x.fma(k1, b1);
            x = FloatVector.fromArray(F, q, qAt + 2 * dim + d + LANES);
            c0 = x.fma(k0, c0);
            c1 = x.fma(k1, c1);
            x = FloatVector.fromArray(F, q, qAt + 3 * dim + d + LANES);
            d0 = x.fma(k0, d0);
            d1 = x.fma(k1, d1);
        }
        // In the lanes without the bit the sum of one's lane and of its partner with the bit, in the others the
        // other's.
        a0.blend(a1, BIT_HALF).add(a1.blend(a0, BIT_HALF).rearrange(SWAP_HALF)).intoArray(partial, at);
        b0.blend(b1, BIT_HALF).add(b1.blend(b0, BIT_HALF).rearrange(SWAP_HALF)).intoArray(partial, at + HALF * LANES);
        c0.blend(c1, BIT_HALF)
                .add(c1.blend(c0, BIT_HALF).rearrange(SWAP_HALF))
                .intoArray(partial, at + 2 * HALF * LANES);
        d0.blend(d1, BIT_HALF)
                .add(d1.blend(d0, BIT_HALF).rearrange(SWAP_HALF))
                .intoArray(partial, at + 3 * HALF * LANES);
    }

    /** Folds vector i + 4 into vector i, for i below 4, as above. */
    private static void fold4(float[] partial, int at) {
        for (int i = at; i < at + 4 * LANES; i += LANES) {
            FloatVector a = FloatVector.fromArray(F, partial, i);
            FloatVector b = FloatVector.fromArray(F, partial, i + 4 * LANES);
            a.blend(b, BIT_4).add(b.blend(a, BIT_4).rearrange(SWAP_4)).intoArray(partial, i);
        }
    }

    /** The same for two. */
    private static void fold2(float[] partial, int at) {
        for (int i = at; i < at + 2 * LANES; i += LANES) {
            FloatVector a = FloatVector.fromArray(F, partial, i);
            FloatVector b = FloatVector.fromArray(F, partial, i + 2 * LANES);
            a.blend(b, BIT_2).add(b.blend(a, BIT_2).rearrange(SWAP_2)).intoArray(partial, i);
        }
    }

    /** The same for one. */
    private static void fold1(float[] partial, int at) {
        for (int i = at; i < at + 1 * LANES; i += LANES) {
            FloatVector a = FloatVector.fromArray(F, partial, i);
            FloatVector b = FloatVector.fromArray(F, partial, i + 1 * LANES);
            a.blend(b, BIT_1).add(b.blend(a, BIT_1).rearrange(SWAP_1)).intoArray(partial, i);
        }
    }

    /**
     * out[outAt + r·dim + …] += Σ of s[sAt + r·sStride + p] · (the row at values[p] + offset) for the rows r, over p in
     * [first, last).
     */
    static void weighted(
            float[] out,
            int outAt,
            float[] s,
            int sAt,
            int sStride,
            long[] values,
            long offset,
            int first,
            int last,
            int dim) {
        for (int c = outAt; c < outAt + dim; c += Tiles.WIDTH) {
            long column = offset + 4L * (c - outAt);
            FloatVector a0 = FloatVector.fromArray(F, out, c);
            FloatVector a1 = FloatVector.fromArray(F, out, c + LANES);
            FloatVector b0 = FloatVector.fromArray(F, out, c + dim);
            FloatVector b1 = FloatVector.fromArray(F, out, c + dim + LANES);
            FloatVector c0 = FloatVector.fromArray(F, out, c + 2 * dim);
            FloatVector c1 = FloatVector.fromArray(F, out, c + 2 * dim + LANES);
            FloatVector d0 = FloatVector.fromArray(F, out, c + 3 * dim);
            FloatVector d1 = FloatVector.fromArray(F, out, c + 3 * dim + LANES);
            for (int p = first; p < last; p++) {
                long row = values[p] + column;
                FloatVector v0 = Vec.load(row);
                FloatVector v1 = Vec.load(row + 4L * LANES);
                FloatVector x = FloatVector.broadcast(F, s[sAt + p]);
                a0 = x.fma(v0, a0);
                a1 = x.fma(v1, a1);
                x = FloatVector.broadcast(F, s[sAt + sStride + p]);
                b0 = x.fma(v0, b0);
                b1 = x.fma(v1, b1);
                x = FloatVector.broadcast(F, s[sAt + 2 * sStride + p]);
                c0 = x.fma(v0, c0);
                c1 = x.fma(v1, c1);
                x = FloatVector.broadcast(F, s[sAt + 3 * sStride + p]);
                d0 = x.fma(v0, d0);
                d1 = x.fma(v1, d1);
            }
            a0.intoArray(out, c);
            a1.intoArray(out, c + LANES);
            b0.intoArray(out, c + dim);
            b1.intoArray(out, c + dim + LANES);
            c0.intoArray(out, c + 2 * dim);
            c1.intoArray(out, c + 2 * dim + LANES);
            d0.intoArray(out, c + 3 * dim);
            d1.intoArray(out, c + 3 * dim + LANES);
        }
    }
}
