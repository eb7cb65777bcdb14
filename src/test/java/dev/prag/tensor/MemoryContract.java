package dev.prag.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.prag.tensor.Lab.Twin;
import dev.prag.tensor.Lab.TwinWeight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Allocation, reading and writing, weights and their look-up, merging. */
interface MemoryContract extends Contract {
    /** Half a unit in the last place of a bfloat16, relative to its value. */
    double BFLOAT16_ROUNDING = 1 / 256d;

    /** Two neighbours among the integers of a row, relative to the usual size of its numbers. */
    double INT8_STEP = 4 / 127d;

    @Test
    default void hasANameForPeople() {
        try (Lab lab = lab(0)) {
            assertFalse(lab.device().name().isBlank());
        }
    }

    @Test
    default void newTensorsHoldZeros() {
        try (Lab lab = lab(1)) {
            for (int i = 0; i < 3; i++) {
                // freed memory that held something may come back
                try (Tensor floats = lab.device().allocate(DType.F32, 7, 13);
                        Tensor bfloats = lab.device().allocate(DType.BF16, 7, 13);
                        Tensor ints = lab.device().allocate(DType.I32, 7, 13)) {
                    assertArrayEquals(new float[91], lab.device().read(floats));
                    assertArrayEquals(new float[91], lab.device().read(bfloats));
                    assertArrayEquals(new int[91], lab.device().readInts(ints));
                    lab.device().fill(floats, 3);
                    lab.device().fill(bfloats, 3);
                    lab.device().write(ints, lab.random().ints(91).toArray());
                }
            }
        }
    }

    @Test
    default void whatIsWrittenIsRead() {
        try (Lab lab = lab(2)) {
            float[] floats = lab.normals(5 * 17);
            assertArrayEquals(floats, lab.read(lab.floats(5, 17, floats)));
            int[] ints = lab.random().ints(35).toArray();
            assertArrayEquals(ints, lab.readInts(lab.ints(5, 7, ints)));
        }
    }

    /** Places are taken and left while other places are computed with, as adapters are. */
    @Test
    default void whatIsLoadedIsSeenByWhatFollows() {
        try (Lab lab = lab(4);
                Tensor places = lab.device().allocate(DType.F32, 8, 512);
                Tensor sum = lab.device().allocate(DType.F32, 1, 512)) {
            float expected = 0;
            for (int i = 0; i < 24; i++) {
                float[] values = new float[512];
                Arrays.fill(values, i);
                lab.device().load(places.rows(i % 8, 1), values);
                lab.device().add(sum, places.rows(i % 8, 1));
                expected += i;
                if (i % 8 == 7) {
                    // nothing uses the places any more
                    assertEquals(expected, lab.device().read(sum)[511]);
                }
            }
        }
    }

    @Test
    default void whatIsRepeatedGivesItsResultEachTime() {
        try (Lab lab = lab(5)) {
            Twin x = lab.normal(3, 40);
            Twin y = lab.normal(3, 40);
            for (int step = 0; step < 4; step++) {
                int[] rows = {step % 3, (step + 1) % 3};
                lab.run(side -> assertEquals("done", side.device().repeated(() -> {
                    side.device().scatterAddRows(side.of(y), side.of(x).rows(0, 2), rows);
                    side.device().add(side.of(x), side.of(y));
                    return "done";
                })));
                lab.near(y, Lab.F32);
                lab.near(x, Lab.F32);
            }
        }
    }

    @Test
    default void bfloat16RoundsToNearestEven() {
        try (Lab lab = lab(3)) {
            float ulp = 1 / 128f;
            float[] written = {1, 1 + ulp / 2, 1 + ulp * 3 / 2, 1 + ulp * 0.51f, -1 - ulp * 0.49f, 0, 1e-30f, 3e38f};
            float[] expected = {1, 1, 1 + 2 * ulp, 1 + ulp, -1, 0, BFloat16.round(1e-30f), BFloat16.round(3e38f)};
            Twin twin = lab.twin(DType.BF16, 2, 4);
            lab.run(side -> side.device().write(side.of(twin), written));
            assertArrayEquals(expected, lab.read(twin));
            lab.same(twin);
            lab.run(side -> side.device().fill(side.of(twin), 1 + ulp * 0.51f));
            assertEquals(1 + ulp, lab.read(twin)[7]);
            lab.same(twin);
        }
    }

    @Test
    default void fillAndCopyTouchTheirRowsOnly() {
        try (Lab lab = lab(4)) {
            Twin x = lab.normal(9, 19);
            Twin y = lab.normal(9, 19);
            lab.run(side -> {
                side.device().fill(side.of(x.rows(3, 2)), 2.5f);
                side.device().copy(side.of(y.rows(1, 4)), side.of(x.rows(2, 4)));
            });
            lab.same(x);
            lab.same(y);
            assertEquals(2.5f, lab.read(y)[2 * 19]);
        }
    }

    @Test
    default void weightsKeepTheValuesOfTheirFile() {
        for (DType stored : List.of(DType.F32, DType.BF16, DType.F16)) {
            for (DType compute : ProductsContract.COMPUTE) {
                try (Lab lab = lab(5)) {
                    TwinWeight table = lab.weight(stored, 37, 45, compute);
                    Twin ids = lab.column(11, 37);
                    Twin out = lab.normal(11, 45);
                    lab.run(side -> side.device().embed(side.of(out), side.of(table), side.of(ids)));
                    if (compute != DType.BF16 || stored == DType.BF16) {
                        lab.same(out);
                    } else {
                        lab.near(out, BFLOAT16_ROUNDING);
                    }
                    assertEquals(compute, table.tested().dtype());
                    assertEquals(37, table.tested().out());
                    assertEquals(45, table.tested().in());
                }
            }
        }
    }

    @Test
    default void rowsThatAreMadeOneByOneAreTheWeight() {
        int out = 37;
        int in = 45;
        float[] values = new float[out * in];
        Random random = new Random(9);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        RowSource rows =
                (row, floats) -> MemorySegment.copy(values, row * in, floats, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, in);
        for (DType compute : ProductsContract.COMPUTE) {
            try (Lab lab = lab(9)) {
                TwinWeight whole = lab.weight(DType.F32, out, in, compute, values);
                Weight made = lab.device().weight(rows, out, in, compute);
                assertEquals(compute, made.dtype());
                Tensor expected = lab.device().allocate(DType.F32, out, in);
                Tensor found = lab.device().allocate(DType.F32, out, in);
                Tensor ids = lab.device().allocate(DType.I32, out, 1);
                lab.device().write(ids, IntStream.range(0, out).toArray());
                lab.device().embed(expected, whole.tested(), ids);
                lab.device().embed(found, made, ids);
                assertArrayEquals(lab.device().read(expected), lab.device().read(found));
                List.of(made, expected, found, ids).forEach(MemoryContract::close);
            }
        }
    }

    private static void close(AutoCloseable part) {
        assertDoesNotThrow(part::close);
    }

    @Test
    default void mergingAddsTheProductsAndLeavesTheBaseAlone() {
        for (DType compute : ProductsContract.COMPUTE) {
            try (Lab lab = lab(6)) {
                int out = 35;
                int in = 50;
                TwinWeight base = lab.weight(DType.BF16, out, in, compute);
                Twin slab = lab.normal(80, 85);
                List<LoraSpan.Part> parts = LoraContract.parts(in, out, 1, 2, 4, 64);
                TwinWeight merged = merge(lab, base, slab, parts);
                assertEquals(compute, merged.tested().dtype());
                double tolerance =
                        switch (compute) {
                            case F32 -> Lab.F32;
                            case BF16 -> BFLOAT16_ROUNDING;
                            default -> INT8_STEP;
                        };
                lab.near(allRows(lab, merged), tolerance);
                lab.same(allRows(lab, base));
                lab.same(allRows(lab, merge(lab, base, slab, List.of())));

                Twin x = lab.normal(5, in);
                Twin y = lab.normal(5, out);
                lab.run(side -> side.device().matmul(side.of(y), side.of(x), side.of(merged), null));
                lab.near(y, compute == DType.F32 ? Lab.F32 : Lab.BF16);
                merged.tested().close();
                merged.plain().close();
                lab.same(allRows(lab, base));
            }
        }
    }

    private static TwinWeight merge(Lab lab, TwinWeight base, Twin slab, List<LoraSpan.Part> parts) {
        List<Weight> merged = new ArrayList<>();
        lab.run(side -> merged.add(side.device().merge(side.of(base), side.of(slab), parts)));
        return lab.keep(new TwinWeight(merged.get(0), merged.get(1)));
    }

    private static Twin allRows(Lab lab, TwinWeight weight) {
        int rows = weight.plain().out();
        Twin out = lab.normal(rows, weight.plain().in());
        int[] each = new int[rows];
        for (int i = 0; i < rows; i++) {
            each[i] = i;
        }
        Twin ids = lab.ints(rows, 1, each);
        lab.run(side -> side.device().embed(side.of(out), side.of(weight), side.of(ids)));
        return out;
    }

    @Test
    default void closingTwiceDoesNoHarm() {
        try (Lab lab = lab(7)) {
            Tensor tensor = lab.device().allocate(DType.F32, 3, 5);
            Tensor other = lab.device().allocate(DType.F32, 3, 5);
            tensor.close();
            tensor.close();
            lab.device().fill(other, 2);
            assertEquals(2, lab.device().read(other)[14]);
            other.close();
        }
    }

    @Test
    default void operationsMayComeFromSeveralThreads() throws Exception {
        try (Lab lab = lab(8);
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            TwinWeight w = lab.weight(DType.F32, 40, 30, DType.F32);
            List<Future<?>> running = new ArrayList<>();
            List<Twin> results = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Twin x = lab.normal(6, 30);
                Twin gain = lab.normal(1, 30);
                Twin normed = lab.normal(6, 30);
                Twin y = lab.normal(6, 40);
                results.add(y);
                running.add(threads.submit(() -> {
                    for (int step = 0; step < 20; step++) {
                        lab.run(side -> {
                            side.device().rmsNorm(side.of(normed), side.of(x), side.of(gain), 1e-5f);
                            side.device().matmul(side.of(y), side.of(normed), side.of(w), null);
                        });
                    }
                }));
            }
            for (Future<?> future : running) {
                future.get();
            }
            results.forEach(y -> lab.near(y, Lab.F32));
        }
    }

    @Test
    default void memoryOfTheWrongShapeIsRefused() {
        try (Lab lab = lab(9)) {
            Device device = lab.device();
            Tensor floats = lab.normal(3, 4).tested();
            Tensor ints = lab.column(3, 4).tested();
            refused(() -> device.allocate(DType.F16, 1, 1));
            refused(() -> device.allocate(DType.I8, 1, 1));
            refused(() -> device.allocate(DType.F32, -1, 1));
            refused(() -> device.write(floats, new float[11]));
            refused(() -> device.write(floats, new int[12]));
            refused(() -> device.write(ints, new float[3]));
            refused(() -> device.write(ints, new int[4]));
            refused(() -> device.read(ints));
            refused(() -> device.readInts(floats));
            refused(() -> device.fill(ints, 1));
            refused(() -> device.copy(floats, lab.normal(4, 3).tested()));
            refused(() -> device.weight(MemorySegment.ofArray(new byte[95]), DType.F32, 4, 6, DType.F32));
            refused(() -> device.weight(MemorySegment.ofArray(new byte[96]), DType.F32, 4, 6, DType.F16));
            refused(() -> device.weight(MemorySegment.ofArray(new byte[96]), DType.I32, 4, 6, DType.F32));
            refused(() -> device.weight(MemorySegment.ofArray(new byte[96]), DType.I8, 8, 12, DType.F32));
            refused(() -> device.weight((row, to) -> {}, 0, 6, DType.F32));
            refused(() -> device.weight((row, to) -> {}, 4, 6, DType.F16));
            TwinWeight table = lab.weight(DType.F32, 5, 4, DType.F32);
            refused(() -> device.embed(floats, table.tested(), lab.column(2, 5).tested()));
            refused(() -> device.embed(lab.normal(3, 5).tested(), table.tested(), ints));
            refused(() -> device.embed(floats, table.tested(), lab.normal(3, 1).tested()));
            refused(() -> device.merge(table.tested(), floats, LoraContract.parts(4, 5, 2)));
        }
    }

    /** The operation must say what is wrong with its arguments. */
    static void refused(Runnable operation) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, operation::run);
        assertFalse(e.getMessage().isBlank());
    }
}
