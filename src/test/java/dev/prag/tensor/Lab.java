package dev.prag.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.prag.tensor.plain.PlainDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The same data on the device under test and on the plain one. Every tensor is a view into a larger one, whose rows
 * before and after it must be as they were when the lab is closed.
 */
final class Lab implements AutoCloseable {
    /** Tolerance of what is computed in f32. */
    static final double F32 = 1e-5;

    /** Tolerance of products whose inputs are rounded to bf16. */
    static final double BF16 = 2e-2;

    /** What surrounds a tensor of numbers: whoever reads it spoils the result. */
    private static final float GUARD = Float.NaN;

    private static final int INT_GUARD = Integer.MIN_VALUE;

    /** One of the two devices. */
    record Side(Device device, boolean tested) {
        Tensor of(Twin twin) {
            return tested ? twin.tested : twin.plain;
        }

        Weight of(TwinWeight twin) {
            return tested ? twin.tested : twin.plain;
        }

        KvLayer of(TwinCache twin) {
            return twin == null ? null : new KvLayer(of(twin.keys), of(twin.values), twin.blockSize);
        }
    }

    /** A tensor on both devices. */
    record Twin(Tensor tested, Tensor plain) {
        Twin rows(int from, int count) {
            return new Twin(tested.rows(from, count), plain.rows(from, count));
        }
    }

    /** A weight on both devices. */
    record TwinWeight(Weight tested, Weight plain) {}

    /** A cache on both devices. */
    record TwinCache(Twin keys, Twin values, int blockSize) {}

    private record Guarded(Tensor whole, int before, int rows) {}

    private final Side tested;
    private final Side plain;
    private final Random random;
    private final Arena arena = Arena.ofShared();
    private final List<Guarded> tensors = new ArrayList<>();
    private final List<Weight> weights = new ArrayList<>();

    Lab(Device tested, long seed) {
        this.tested = new Side(tested, true);
        this.plain = new Side(new PlainDevice(), false);
        this.random = new Random(seed);
    }

    Random random() {
        return random;
    }

    Device device() {
        return tested.device();
    }

    /** Does the same on both devices. */
    void run(Consumer<Side> operation) {
        operation.accept(tested);
        operation.accept(plain);
    }

    /** Numbers around 0 with deviation 1. */
    Twin normal(int rows, int cols) {
        return floats(rows, cols, normals(rows * cols));
    }

    float[] normals(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    Twin floats(int rows, int cols, float... values) {
        Twin twin = twin(DType.F32, rows, cols);
        run(side -> side.device().write(side.of(twin), values));
        return twin;
    }

    Twin ints(int rows, int cols, int... values) {
        Twin twin = twin(DType.I32, rows, cols);
        run(side -> side.device().write(side.of(twin), values));
        return twin;
    }

    /** A column of integers in [0, bound). */
    Twin column(int rows, int bound) {
        return ints(rows, 1, random.ints(rows, 0, bound).toArray());
    }

    Twin twin(DType dtype, int rows, int cols) {
        int before = tensors.size() / 2 % 3;
        return new Twin(
                guarded(tested.device(), dtype, before, rows, cols),
                guarded(plain.device(), dtype, before, rows, cols));
    }

    private Tensor guarded(Device device, DType dtype, int before, int rows, int cols) {
        Tensor whole = device.allocate(dtype, before + rows + 1, cols);
        tensors.add(new Guarded(whole, before, rows));
        setGuard(whole.rows(0, before));
        setGuard(whole.rows(before + rows, 1));
        return whole.rows(before, rows);
    }

    private static void setGuard(Tensor guard) {
        if (guard.dtype() == DType.I32) {
            int[] values = new int[(int) guard.size()];
            Arrays.fill(values, INT_GUARD);
            guard.device().write(guard, values);
        } else {
            guard.device().fill(guard, GUARD);
        }
    }

    private static void checkGuard(Tensor guard) {
        if (guard.dtype() == DType.I32) {
            for (int value : guard.device().readInts(guard)) {
                assertEquals(INT_GUARD, value, "written outside of the tensor");
            }
        } else {
            for (float value : guard.device().read(guard)) {
                assertEquals(GUARD, value, "written outside of the tensor");
            }
        }
    }

    /** Random numbers of a size usual for weights. */
    TwinWeight weight(DType stored, int out, int in, DType compute) {
        float[] values = normals(out * in);
        for (int i = 0; i < values.length; i++) {
            values[i] /= 4;
        }
        return weight(stored, out, in, compute, values);
    }

    /** A weight whose file holds these numbers, as far as the stored type can. */
    TwinWeight weight(DType stored, int out, int in, DType compute, float... values) {
        // in a file a matrix begins anywhere
        MemorySegment data =
                arena.allocate((long) out * in * stored.bytes() + 2, 64).asSlice(2);
        for (int i = 0; i < values.length; i++) {
            switch (stored) {
                case F32 ->
                    data.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), i, values[i]);
                case F16 -> setShort(data, i, Float.floatToFloat16(values[i]));
                case BF16 -> setShort(data, i, BFloat16.bits(values[i]));
                case I32, I8 -> throw new IllegalArgumentException("weights are not integers");
            }
        }
        return keep(new TwinWeight(
                tested.device().weight(data, stored, out, in, compute),
                plain.device().weight(data, stored, out, in, compute)));
    }

    private static void setShort(MemorySegment data, int index, short bits) {
        data.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), index, bits);
    }

    /** Closes the weight with the lab. */
    TwinWeight keep(TwinWeight twin) {
        weights.add(twin.tested);
        weights.add(twin.plain);
        return twin;
    }

    /** A cache of random numbers. */
    TwinCache cache(DType type, int blocks, int blockSize, AttentionShape shape) {
        int rows = blocks * blockSize;
        TwinCache cache = new TwinCache(twin(type, rows, shape.kvCols()), twin(type, rows, shape.kvCols()), blockSize);
        for (Twin twin : List.of(cache.keys, cache.values)) {
            float[] values = normals(rows * shape.kvCols());
            run(side -> side.device().write(side.of(twin), values));
        }
        return cache;
    }

    float[] read(Twin twin) {
        return tested.device().read(twin.tested);
    }

    int[] readInts(Twin twin) {
        return tested.device().readInts(twin.tested);
    }

    /** Both hold the same numbers to the last bit. */
    void same(Twin twin) {
        if (twin.tested.dtype() == DType.I32) {
            assertArrayEquals(plain.device().readInts(twin.plain), readInts(twin));
        } else {
            assertArrayEquals(plain.device().read(twin.plain), read(twin));
        }
    }

    /** Both hold the same numbers but for rounding: relative to the usual size of a number in the row or tensor. */
    void near(Twin twin, double tolerance) {
        near(plain.device().read(twin.plain), read(twin), twin.plain.cols(), tolerance);
    }

    static void near(float[] expected, float[] actual, int cols, double tolerance) {
        assertEquals(expected.length, actual.length);
        double overall = rootMeanSquare(expected, 0, expected.length);
        double usual = 0;
        for (int i = 0; i < expected.length; i++) {
            int row = i / cols;
            if (i % cols == 0) {
                usual = Math.max(overall, rootMeanSquare(expected, i, i + cols));
            }
            double allowed = tolerance * (usual + Math.abs(expected[i]));
            if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
                fail("row " + row + ", column " + i % cols + ": expected " + expected[i] + ", got " + actual[i]
                        + ", allowed difference " + allowed);
            }
        }
    }

    private static double rootMeanSquare(float[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += (double) values[i] * values[i];
        }
        return Math.sqrt(sum / (to - from));
    }

    @Override
    public void close() {
        for (Guarded tensor : tensors) {
            checkGuard(tensor.whole.rows(0, tensor.before));
            checkGuard(tensor.whole.rows(tensor.before + tensor.rows, 1));
            tensor.whole.close();
        }
        weights.forEach(Weight::close);
        plain.device().close();
        arena.close();
    }
}
