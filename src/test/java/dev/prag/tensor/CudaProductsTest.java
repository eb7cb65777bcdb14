package dev.prag.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.tensor.Lab.Twin;
import dev.prag.tensor.Lab.TwinWeight;
import dev.prag.tensor.cuda.CudaDevice;
import dev.prag.tensor.cuda.CudaSettings;
import dev.prag.tensor.cuda.CudaStandIn;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the CUDA device's weights and products have beside the contract: how they are loaded, padded and merged. */
class CudaProductsTest {
    private static final long MEMORY = 320L << 20;

    private static CudaDevice device;

    @BeforeAll
    static void open() {
        CudaStandIn.require();
        device = CudaDevice.open(new CudaSettings(0, MEMORY, DType.BF16, true));
    }

    @AfterAll
    static void close() {
        if (device != null) {
            device.close();
        }
    }

    /** More than the ring of pinned memory holds. */
    @Test
    void largeMatricesAreWhole() {
        int out = 5003;
        int in = 4200;
        MemorySegment data = MemorySegment.ofArray(new short[out * in]);
        for (int row = 0; row < out; row++) {
            for (int col = 0; col < in; col++) {
                data.setAtIndex(ValueLayout.JAVA_SHORT, (long) row * in + col, BFloat16.bits(value(row, col)));
            }
        }
        LoadedWeights before = device.loaded();
        try (Weight copied = device.weight(data, DType.BF16, out, in, DType.BF16)) {
            LoadedWeights loaded = device.loaded().since(before);
            assertEquals(data.byteSize(), loaded.bytes());
            assertTrue(loaded.gigabytesPerSecond() > 0);
            assertRows(copied);
        }
        AtomicIntegerArray asked = new AtomicIntegerArray(out);
        RowSource source = (row, floats) -> {
            asked.incrementAndGet(row);
            for (int col = 0; col < in; col++) {
                floats.setAtIndex(ValueLayout.JAVA_FLOAT, col, value(row, col));
            }
        };
        try (Weight made = device.weight(source, out, in, DType.BF16)) {
            assertRows(made);
        }
        for (int row = 0; row < out; row++) {
            assertEquals(1, asked.get(row));
        }
    }

    /** A whole number that a bfloat16 holds. */
    private static float value(int row, int col) {
        return (row * 31 + col * 7 + row / 256) % 251 - 125;
    }

    private static void assertRows(Weight weight) {
        int[] rows = {0, 1, 498, 499, 500, 998, 2047, 4001, 4490, 4999, weight.out() - 1};
        try (Tensor ids = device.allocate(DType.I32, rows.length, 1);
                Tensor found = device.allocate(DType.F32, rows.length, weight.in())) {
            device.write(ids, rows);
            device.embed(found, weight, ids);
            float[] values = device.read(found);
            for (int i = 0; i < values.length; i++) {
                assertEquals(value(rows[i / weight.in()], i % weight.in()), values[i]);
            }
        }
    }

    /** All bits that a half may have: numbers, subnormal ones, infinities, no numbers. */
    @Test
    void everyHalfIsRead() {
        short[] bits = new short[1 << 16];
        float[] values = new float[bits.length];
        float[] rounded = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = (short) i;
            values[i] = Float.float16ToFloat(bits[i]);
            rounded[i] = BFloat16.round(values[i]);
        }
        assertArrayEquals(values, all(MemorySegment.ofArray(bits), DType.F16, 256, 256, DType.F32));
        assertArrayEquals(rounded, all(MemorySegment.ofArray(bits), DType.F16, 256, 256, DType.BF16));
    }

    private static float[] all(MemorySegment data, DType stored, int out, int in, DType compute) {
        try (Weight weight = device.weight(data, stored, out, in, compute);
                Tensor ids = device.allocate(DType.I32, out, 1);
                Tensor values = device.allocate(DType.F32, out, in)) {
            int[] rows = new int[out];
            for (int i = 0; i < out; i++) {
                rows[i] = i;
            }
            device.write(ids, rows);
            device.embed(values, weight, ids);
            return device.read(values);
        }
    }

    /** By the kernel and by cuBLAS, tiles that are whole and that aren't, more rows than are quantised at once. */
    @Test
    void mergingOfAnyRank() {
        for (int[] shape : new int[][] {{128, 256, 3}, {130, 254, 80}, {67, 129, 64}, {64, 128, 65}, {1001, 4200, 2}}) {
            int out = shape[0];
            int in = shape[1];
            for (DType compute : out > 1000 ? List.of(DType.I8) : ProductsContract.COMPUTE) {
                try (Lab lab = new Lab(device, 60)) {
                    TwinWeight base = lab.weight(DType.BF16, out, in, compute);
                    Twin slab = lab.normal(shape[2] + 1, in + out);
                    int half = shape[2] / 2;
                    List<LoraSpan.Part> parts = new ArrayList<>(LoraContract.parts(in, out, half));
                    long behind = (long) half * (in + out) + 5;
                    parts.add(new LoraSpan.Part(behind, behind + (long) (shape[2] - half) * in, shape[2] - half, 0.3f));
                    List<Weight> merged = new ArrayList<>();
                    lab.run(side -> merged.add(side.device().merge(side.of(base), side.of(slab), parts)));
                    TwinWeight twin = lab.keep(new TwinWeight(merged.get(0), merged.get(1)));
                    Twin values = lab.normal(out, in);
                    Twin ids = lab.ints(out, 1, new Random(1).ints(out, 0, out).toArray());
                    lab.run(side -> side.device().embed(side.of(values), side.of(twin), side.of(ids)));
                    lab.near(
                            values,
                            switch (compute) {
                                case F32 -> Lab.F32;
                                case BF16 -> MemoryContract.BFLOAT16_ROUNDING;
                                default -> MemoryContract.INT8_STEP;
                            });
                }
            }
        }
    }

    /** Sums of products of bytes that may leave 32 bits are cut, and so are rows of more sums than there is room for. */
    @Test
    void int8OfVeryManyTermsAndSums() {
        for (int[] shape : new int[][] {{3, 3, 140_001}, {33, 140_001, 3}}) {
            int rows = shape[0];
            int out = shape[1];
            int in = shape[2];
            try (Lab lab = new Lab(device, 61)) {
                TwinWeight w = lab.weight(DType.F32, out, in, DType.I8, ones(out * in));
                TwinWeight small = lab.weight(DType.F32, 1, in, DType.I8);
                float[] values = ones(rows * in);
                for (int i = 0; i < values.length; i++) {
                    values[i] += i / in;
                }
                Twin x = lab.floats(rows, in, values);
                Twin y = lab.normal(rows, out);
                Twin one = lab.normal(rows, 1);
                Twin dx = lab.normal(rows, in);
                lab.run(side -> {
                    side.device().matmul(side.of(one), side.of(x), side.of(small), null);
                    side.device().matmul(side.of(y), side.of(x), side.of(w), null);
                    side.device().matmulBackward(side.of(dx), side.of(y), side.of(w), true);
                });
                lab.near(y, Lab.F32);
                lab.near(dx, Lab.F32);
            }
        }
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** With sums of integers a row's results are the same to the bit, however many rows there are. */
    @Test
    void int8DependsOnNoOtherRow() {
        try (Lab lab = new Lab(device, 62)) {
            Weight w = lab.weight(DType.BF16, 70, 130, DType.I8).tested();
            Tensor x = lab.normal(40, 130).tested();
            Tensor y = lab.normal(40, 70).tested();
            Tensor alone = lab.normal(3, 70).tested();
            device.matmul(y, x, w, null);
            device.matmul(alone, x.rows(11, 3), w, null);
            assertArrayEquals(device.read(y.rows(11, 3)), device.read(alone));
        }
    }

    /** Products of the same rows share what they are rounded or quantised to, until these change. */
    @Test
    void whatChangedIsQuantisedAnew() {
        for (DType compute : List.of(DType.BF16, DType.I8)) {
            try (Lab lab = new Lab(device, 65)) {
                TwinWeight first = lab.weight(DType.BF16, 20, 33, compute);
                TwinWeight second = lab.weight(DType.BF16, 40, 33, compute);
                Twin x = lab.normal(6, 33);
                Twin other = lab.normal(1, 33);
                Twin[] y = {lab.normal(6, 20), lab.normal(6, 40), lab.normal(6, 20), lab.normal(3, 40)};
                Twin dx = lab.normal(6, 33);
                lab.run(side -> {
                    Device on = side.device();
                    on.matmul(side.of(y[0]), side.of(x), side.of(first), null);
                    on.matmul(side.of(y[1]), side.of(x), side.of(second), null);
                    on.copy(side.of(x.rows(4, 1)), side.of(other));
                    on.matmul(side.of(y[2]), side.of(x), side.of(first), null);
                    on.matmul(side.of(y[3]), side.of(x.rows(0, 3)), side.of(second), null);
                    on.matmulBackward(side.of(dx), side.of(y[2]), side.of(first), false);
                    on.matmul(side.of(y[0]), side.of(x), side.of(first), null);
                });
                for (Twin result : y) {
                    lab.near(result, compute == DType.I8 ? Lab.F32 : Lab.BF16);
                }
            }
        }
    }

    /** Steps that come again alike become graphs, whatever the weights' type: their commands' words stay. */
    @Test
    void stepsOfProductsAreLaunchedAsGraphs() {
        for (DType compute : ProductsContract.COMPUTE) {
            try (Lab lab = new Lab(device, 66)) {
                TwinWeight up = lab.weight(DType.BF16, 40, 33, compute);
                TwinWeight down = lab.weight(DType.BF16, 33, 40, compute);
                Twin x = lab.normal(6, 33);
                Twin middle = lab.normal(6, 40);
                Twin bias = lab.normal(1, 40);
                Twin y = lab.normal(6, 33);
                Twin dx = lab.normal(6, 40);
                long before = device.graphLaunches();
                for (int step = 0; step < 4; step++) {
                    float[] values = lab.normals(6 * 33);
                    lab.run(side -> {
                        side.device().write(side.of(x), values);
                        side.device().repeated(() -> {
                            side.device().matmul(side.of(middle), side.of(x), side.of(up), side.of(bias));
                            side.device().matmul(side.of(y), side.of(middle), side.of(down), null);
                            side.device().logitsBackward(side.of(dx), side.of(x), side.of(down));
                            return null;
                        });
                    });
                    lab.near(middle, compute == DType.BF16 ? Lab.BF16 : Lab.F32);
                    lab.near(dx, compute == DType.F32 ? Lab.F32 : Lab.BF16);
                }
                // The first time it is issued, and maybe once more where room had to grow.
                assertTrue(device.graphLaunches() - before >= 2);
            }
        }
    }

    /** Also where pinned memory is refused, or the device is lost in the middle. */
    @Test
    void whatGoesWrongWhileLoadingLeavesNothingBehind() {
        CudaStandIn.requireItself();
        RowSource rows = (row, floats) -> floats.fill((byte) 0);
        try (CudaDevice fresh = CudaDevice.open(new CudaSettings(0, 128 << 20, DType.BF16, true))) {
            long room = fresh.room().orElseThrow();
            CudaStandIn.fail("pinned", 1);
            assertThrows(UserException.class, () -> fresh.weight(rows, 300, 200, DType.BF16));
            CudaStandIn.mend();
            assertEquals(room, fresh.room().orElseThrow());
            fresh.weight(rows, 300, 200, DType.BF16).close();
            CudaStandIn.fail("device-lost", 3);
            assertThrows(DeviceLostException.class, () -> {
                fresh.weight(rows, 12_000, 1000, DType.BF16);
                fresh.read(fresh.allocate(DType.F32, 1, 1));
            });
            assertThrows(DeviceLostException.class, () -> fresh.weight(rows, 300, 200, DType.BF16));
        } finally {
            CudaStandIn.mend();
        }
    }

    @Test
    void whatCantBeLoadedLeavesNothingBehind() {
        long room = device.room().orElseThrow();
        IllegalStateException unreadable = new IllegalStateException("unreadable");
        RowSource broken = (row, floats) -> {
            if (row == 2500) {
                throw unreadable;
            }
        };
        for (DType compute : ProductsContract.COMPUTE) {
            assertSame(
                    unreadable,
                    assertThrows(IllegalStateException.class, () -> device.weight(broken, 4000, 1000, compute)));
            assertEquals(room, device.room().orElseThrow());
        }
        UserException tooLarge =
                assertThrows(UserException.class, () -> device.weight((row, floats) -> {}, 100_000, 10_000, DType.F32));
        assertEquals(UserException.Kind.ENVIRONMENT, tooLarge.kind());
        assertEquals(room, device.room().orElseThrow());
        assertThrows(IllegalArgumentException.class, () -> device.weight((row, floats) -> {}, 1, 2_000_000, DType.F32));
        try (Weight base = device.weight((row, floats) -> {}, 3000, 10_000, DType.F32);
                Tensor slab = device.allocate(DType.F32, 1, 16)) {
            long left = device.room().orElseThrow();
            try (Weight merged = device.merge(base, slab, List.of())) {
                assertEquals(
                        left - 4L * merged.out() * merged.in(), device.room().orElseThrow(), 1 << 9);
                long full = device.room().orElseThrow();
                assertThrows(UserException.class, () -> device.merge(base, slab, List.of()));
                assertEquals(full, device.room().orElseThrow());
            }
            assertEquals(left, device.room().orElseThrow());
        }
        assertEquals(room, device.room().orElseThrow());
    }

    @Test
    void weightsOfOthersAndClosedOnesAreRefused() {
        MemorySegment data = MemorySegment.ofArray(new float[32 * 32]);
        try (CudaDevice other = CudaDevice.open(new CudaSettings(0, 128 << 20, DType.BF16, true));
                Tensor x = device.allocate(DType.F32, 2, 32);
                Tensor y = device.allocate(DType.F32, 2, 32)) {
            Weight foreign = other.weight(data, DType.F32, 32, 32, DType.F32);
            MemoryContract.refused(() -> device.matmul(y, x, foreign, null));
            MemoryContract.refused(() -> device.norm(foreign));
            foreign.close();
            for (DType compute : ProductsContract.COMPUTE) {
                Weight closed = device.weight(data, DType.F32, 32, 32, compute);
                closed.close();
                closed.close();
                assertThrows(IllegalStateException.class, () -> device.matmul(y, x, closed, null));
                assertThrows(IllegalStateException.class, () -> device.matmulBackward(x, y, closed, false));
                assertThrows(IllegalStateException.class, () -> device.logitsBackward(x, y, closed));
                assertThrows(IllegalStateException.class, () -> device.norm(closed));
                assertThrows(IllegalStateException.class, () -> device.merge(closed, x, List.of()));
            }
        }
    }

    @Test
    void norms() {
        for (DType compute : ProductsContract.COMPUTE) {
            try (Lab lab = new Lab(device, 63)) {
                TwinWeight w = lab.weight(DType.BF16, 1500, 37, compute);
                List<Double> found = new ArrayList<>();
                lab.run(side -> found.add(side.device().norm(side.of(w))));
                assertEquals(found.get(1), found.get(0), 1e-6 * found.get(1));
                assertEquals(found.get(0), device.norm(w.tested()));
            }
        }
    }

    @Test
    void noRowsAreNoWork() {
        try (Lab lab = new Lab(device, 64)) {
            for (DType compute : ProductsContract.COMPUTE) {
                TwinWeight w = lab.weight(DType.BF16, 20, 30, compute);
                Twin x = lab.normal(0, 30);
                Twin y = lab.normal(0, 20);
                lab.run(side -> {
                    side.device().matmul(side.of(y), side.of(x), side.of(w), null);
                    side.device().matmulBackward(side.of(x), side.of(y), side.of(w), true);
                    side.device().logitsBackward(side.of(x), side.of(y), side.of(w));
                    side.device().embed(side.of(x), side.of(w), side.of(lab.ints(0, 1)));
                });
            }
        }
    }
}
