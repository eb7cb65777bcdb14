package dev.prag.tensor;

import static dev.prag.tensor.MemoryContract.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.tensor.Lab.Twin;
import dev.prag.tensor.Lab.TwinCache;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The paged cache and attention over it. */
interface AttentionContract extends Contract {
    List<AttentionShape> HEADS = List.of(
            new AttentionShape(1, 1, 2),
            new AttentionShape(4, 2, 16),
            new AttentionShape(6, 2, 10),
            new AttentionShape(3, 3, 33),
            new AttentionShape(8, 1, 64),
            new AttentionShape(14, 2, 64),
            new AttentionShape(4, 2, 80),
            new AttentionShape(2, 1, 96),
            new AttentionShape(2, 2, 128),
            new AttentionShape(1, 1, 256));

    /** Key/value heads with one, three and nine query heads. */
    List<AttentionShape> GROUPS =
            List.of(new AttentionShape(3, 3, 8), new AttentionShape(6, 2, 8), new AttentionShape(9, 1, 8));

    @Test
    default void attentionWithoutCache() {
        for (AttentionShape shape : HEADS) {
            check(shape, 1, false, List.of(Span.of(0, 1)));
            check(shape, 33, false, List.of(Span.of(0, 33)));
            check(shape, 40, false, List.of(Span.of(0, 7), Span.of(7, 1), Span.of(9, 17), Span.of(27, 12)));
            check(shape, 40, false, List.of(Span.of(20, 18), Span.of(1, 16)));
            check(shape, 5, false, List.of());
        }
    }

    @Test
    default void attentionOverCachedPrefixes() {
        for (AttentionShape shape : HEADS) {
            check(shape, 1, true, List.of(new Span(0, 1, 4, new int[] {2})));
            check(shape, 1, true, List.of(new Span(0, 1, 40, new int[] {6, 2, 0, 7, 3, 5})));
            check(
                    shape,
                    48,
                    true,
                    List.of(
                            new Span(0, 3, 5, new int[] {4}),
                            new Span(3, 19, 11, new int[] {7, 2, 5, 0}),
                            new Span(23, 1, 16, new int[] {1, 3, 6}),
                            Span.of(24, 9),
                            new Span(33, 10, 0, new int[] {1, 3})));
            // a decoding step: sequences of one row, sharing the blocks of their prefix
            check(
                    shape,
                    4,
                    true,
                    List.of(
                            new Span(0, 1, 17, new int[] {3, 1, 4}),
                            new Span(1, 1, 23, new int[] {3, 1, 5}),
                            new Span(2, 1, 8, new int[] {3, 2}),
                            new Span(3, 1, 0, new int[] {6})));
        }
    }

    @Test
    default void attentionOfLongSpansOverBlocksOfOtherSizes() {
        AttentionShape shape = new AttentionShape(2, 1, 12);
        check(shape, 190, 0, 0, List.of(Span.of(0, 140), Span.of(140, 50)));
        check(shape, 134, 2, 200, List.of(new Span(0, 131, 57, new int[] {1}), new Span(131, 3, 180, new int[] {0})));
        check(
                shape,
                2,
                250,
                1,
                List.of(new Span(0, 2, 200, IntStream.range(50, 250).toArray())));
    }

    /** What is multiplied may be rounded. */
    @Test
    default void attentionInBf16() {
        for (int dim : new int[] {64, 80, 96, 128}) {
            AttentionShape shape = new AttentionShape(3, 1, dim, DType.BF16);
            check(shape, 110, 0, 0, List.of(Span.of(0, 70), Span.of(70, 17), Span.of(88, 22)));
            check(
                    shape,
                    100,
                    12,
                    16,
                    List.of(
                            new Span(0, 67, 70, new int[] {1, 0, 3, 5, 2}),
                            new Span(68, 2, 30, new int[] {9, 8}),
                            new Span(70, 30, 0, new int[] {6, 7})));
        }
    }

    /** Contexts that a device may well cut into parts. */
    @Test
    default void fewRowsOverLongContexts() {
        List<Span> spans = List.of(
                new Span(0, 1, 4500, descending(282, 299)),
                new Span(1, 1, 128, descending(9, 50)),
                new Span(2, 1, 127, descending(8, 40)),
                new Span(3, 5, 508, descending(33, 140)),
                new Span(8, 1, 3, new int[] {7}));
        eachCacheType(type -> {
            for (AttentionShape shape : GROUPS) {
                try (Lab lab = lab(89)) {
                    TwinCache cache = lab.cache(type, 300, 16, shape);
                    Twin q = lab.normal(9, shape.queryCols());
                    Twin k = lab.normal(9, shape.kvCols());
                    Twin v = lab.normal(9, shape.kvCols());
                    Twin out = lab.normal(9, shape.queryCols());
                    lab.run(side -> side.device()
                            .attention(side.of(out), side.of(q), side.of(k), side.of(v), shape, side.of(cache), spans));
                    lab.near(out, Lab.F32);
                }
            }
        });
    }

    private static int[] descending(int count, int from) {
        return IntStream.range(0, count).map(i -> from - i).toArray();
    }

    @Test
    default void manySpansOfMixedLengths() {
        AttentionShape shape = new AttentionShape(4, 2, 16);
        List<Span> spans = new ArrayList<>();
        int row = 1;
        for (int i = 0; i < 18; i++) {
            int rows = i % 3 == 0 ? 1 : i % 5 == 0 ? 3 : 7 + 5 * (i % 14);
            int position = i % 4 == 0 ? 0 : 3 * i;
            spans.add(new Span(row, rows, position, descending(Math.ceilDiv(position, 8), 20 + i)));
            row += rows;
        }
        check(shape, row, 48, 8, spans);
    }

    private void check(AttentionShape shape, int rows, boolean cached, List<Span> spans) {
        check(shape, rows, cached ? 8 : 0, 8, spans);
    }

    private void check(AttentionShape shape, int rows, int blocks, int blockSize, List<Span> spans) {
        try (Lab lab = lab(80)) {
            for (DType type : blocks > 0 ? lab.device().cacheTypes() : List.of(DType.F32)) {
                check(type, shape, rows, blocks, blockSize, spans);
            }
        }
    }

    private void check(DType type, AttentionShape shape, int rows, int blocks, int blockSize, List<Span> spans) {
        boolean cached = blocks > 0;
        try (Lab lab = lab(80)) {
            TwinCache cache = cached ? lab.cache(type, blocks, blockSize, shape) : null;
            Twin q = lab.normal(rows, shape.queryCols());
            Twin k = lab.normal(rows, shape.kvCols());
            Twin v = lab.normal(rows, shape.kvCols());
            Twin out = lab.normal(rows, shape.queryCols());
            Twin dout = lab.normal(rows, shape.queryCols());
            Twin dq = lab.normal(rows, shape.queryCols());
            Twin dk = lab.normal(rows, shape.kvCols());
            Twin dv = lab.normal(rows, shape.kvCols());
            lab.run(side -> {
                Device device = side.device();
                KvLayer layer = side.of(cache);
                device.attention(side.of(out), side.of(q), side.of(k), side.of(v), shape, layer, spans);
                device.attentionBackward(
                        side.of(dq),
                        side.of(dk),
                        side.of(dv),
                        side.of(dout),
                        side.of(q),
                        side.of(k),
                        side.of(v),
                        shape,
                        layer,
                        spans);
            });
            for (Twin result : List.of(out, dq, dk, dv)) {
                lab.near(result, tolerance(shape));
                untouched(lab, result, spans);
            }
            for (Span span : spans) {
                Twin weights = lab.normal(shape.heads() * span.rows(), span.position() + span.rows());
                lab.run(side -> side.device()
                        .attentionWeights(side.of(weights), side.of(q), side.of(k), shape, side.of(cache), span));
                lab.near(weights, Lab.F32);
                distributions(lab.read(weights), span);
            }
            for (Twin argument : List.of(q, k, v, dout)) {
                lab.same(argument);
            }
            if (cached) {
                lab.same(cache.keys());
                lab.same(cache.values());
            }
        }
    }

    private static double tolerance(AttentionShape shape) {
        return shape.compute() == DType.BF16 ? 2 * Lab.BF16 : Lab.F32;
    }

    private static void untouched(Lab lab, Twin twin, List<Span> spans) {
        for (int row = 0; row < twin.plain().rows(); row++) {
            int r = row;
            if (spans.stream().noneMatch(s -> r >= s.row() && r < s.row() + s.rows())) {
                lab.same(twin.rows(row, 1));
            }
        }
    }

    /** Each row sums to 1 and is exactly 0 behind its own position. */
    private static void distributions(float[] weights, Span span) {
        int cols = span.position() + span.rows();
        for (int start = 0; start < weights.length; start += cols) {
            int own = span.position() + start / cols % span.rows();
            double sum = 0;
            for (int p = 0; p < cols; p++) {
                sum += weights[start + p];
                if (p > own) {
                    assertEquals(0, weights[start + p]);
                }
            }
            assertEquals(1, sum, 1e-5);
        }
    }

    @Test
    default void equalKeysShareTheirValues() {
        try (Lab lab = lab(81)) {
            AttentionShape shape = new AttentionShape(2, 1, 2);
            Twin q = lab.normal(3, 4);
            Twin k = lab.floats(3, 2, 1, 2, 1, 2, 1, 2);
            Twin v = lab.floats(3, 2, 3, 0, 6, 30, 0, 60);
            Twin out = lab.normal(3, 4);
            lab.run(side -> side.device()
                    .attention(side.of(out), side.of(q), side.of(k), side.of(v), shape, null, List.of(Span.of(0, 3))));
            assertArrayEquals(new float[] {3, 0, 3, 0, 4.5f, 15, 4.5f, 15, 3, 30, 3, 30}, lab.read(out), 1e-4f);
        }
    }

    /** Scores that go on growing behind what was summed already, of numbers that lose nothing in bf16. */
    @Test
    default void scoresThatGrowAlongTheContext() {
        eachCacheType(type -> {
            AttentionShape shape = new AttentionShape(2, 1, 64, type);
            try (Lab lab = lab(88)) {
                TwinCache cache = lab.cache(type, 3, 40, shape);
                Twin q = growing(lab, 92, shape.queryCols(), 1);
                Twin k = growing(lab, 92, shape.kvCols(), 1.02);
                Twin v = growing(lab, 92, shape.kvCols(), 1);
                Twin out = lab.normal(92, shape.queryCols());
                List<Span> spans =
                        List.of(new Span(0, 90, 81, new int[] {2, 0, 1}), new Span(90, 2, 110, new int[] {1, 2, 0}));
                lab.run(side -> side.device()
                        .attention(side.of(out), side.of(q), side.of(k), side.of(v), shape, side.of(cache), spans));
                lab.near(out, type == DType.BF16 ? Lab.BF16 : Lab.F32);
            }
        });
    }

    /** Numbers of bf16 whose size grows by a factor from row to row. */
    private static Twin growing(Lab lab, int rows, int cols, double factor) {
        float[] values = lab.normals(rows * cols);
        for (int i = 0; i < values.length; i++) {
            values[i] = BFloat16.round((float) (values[i] * Math.pow(factor, i / cols)));
        }
        return lab.floats(rows, cols, values);
    }

    @Test
    default void largeScoresStayFinite() {
        try (Lab lab = lab(82)) {
            AttentionShape shape = new AttentionShape(1, 1, 1);
            Twin q = lab.floats(3, 1, 300, 300, -300);
            Twin k = lab.floats(3, 1, 2, 1, 0.5f);
            Twin v = lab.floats(3, 1, 5, 7, 9);
            Twin out = lab.normal(3, 1);
            lab.run(side -> side.device()
                    .attention(side.of(out), side.of(q), side.of(k), side.of(v), shape, null, List.of(Span.of(0, 3))));
            assertArrayEquals(new float[] {5, 5, 9}, lab.read(out), 1e-4f);
        }
    }

    @Test
    default void cacheWriteFollowsTheBlockTable() {
        eachCacheType(this::writeByTheBlockTable);
    }

    private void eachCacheType(Consumer<DType> test) {
        try (Lab lab = lab(87)) {
            lab.device().cacheTypes().forEach(test);
        }
    }

    private void writeByTheBlockTable(DType type) {
        AttentionShape shape = new AttentionShape(4, 2, 9);
        List<Span> spans = List.of(
                new Span(1, 7, 3, new int[] {5, 1}),
                Span.of(8, 4),
                new Span(12, 11, 6, new int[] {4, 0, 3}),
                new Span(23, 1, 15, new int[] {7, 2}));
        try (Lab lab = lab(83)) {
            TwinCache cache = lab.cache(type, 8, 8, shape);
            Twin k = lab.normal(25, shape.kvCols());
            Twin v = lab.normal(25, shape.kvCols());
            lab.run(side -> side.device().cacheWrite(side.of(cache), side.of(k), side.of(v), spans));
            lab.same(cache.keys());
            lab.same(cache.values());
            // position 8 of the first span is the first of its second block
            float[] keys = lab.read(cache.keys().rows(8, 1));
            float[] expected = lab.read(k.rows(6, 1));
            for (int i = 0; i < expected.length; i++) {
                assertEquals(type == DType.BF16 ? BFloat16.round(expected[i]) : expected[i], keys[i]);
            }
        }
    }

    @Test
    default void stepsOverTheCacheGiveWhatOnePassGives() {
        eachCacheType(this::stepOverTheCache);
    }

    private void stepOverTheCache(DType type) {
        AttentionShape shape = new AttentionShape(4, 2, 16);
        int rows = 21;
        try (Lab lab = lab(84)) {
            Device device = lab.device();
            Tensor q = lab.normal(rows, shape.queryCols()).tested();
            Tensor k = lab.normal(rows, shape.kvCols()).tested();
            Tensor v = lab.normal(rows, shape.kvCols()).tested();
            Tensor whole = lab.normal(rows, shape.queryCols()).tested();
            Tensor stepped = lab.normal(rows, shape.queryCols()).tested();
            TwinCache twin = lab.cache(type, 6, 4, shape);
            KvLayer cache = new KvLayer(twin.keys().tested(), twin.values().tested(), 4);
            device.attention(whole, q, k, v, shape, null, List.of(Span.of(0, rows)));
            int[] blocks = {5, 0, 3, 1, 4, 2};
            int done = 0;
            for (int count : new int[] {6, 1, 1, 9, 1, 3}) {
                List<Span> spans = List.of(new Span(0, count, done, blocks));
                Tensor newK = k.rows(done, count);
                Tensor newV = v.rows(done, count);
                device.cacheWrite(cache, newK, newV, spans);
                device.attention(stepped.rows(done, count), q.rows(done, count), newK, newV, shape, cache, spans);
                done += count;
            }
            Lab.near(
                    device.read(whole),
                    device.read(stepped),
                    shape.queryCols(),
                    type == DType.BF16 ? Lab.BF16 : Lab.F32);
        }
    }

    @Test
    default void aSpansAttentionIsTheSameToTheBitWhateverSharesItsBatch() {
        eachCacheType(type -> {
            sameAloneAndAmongOthers(type, new AttentionShape(4, 2, 24));
            sameAloneAndAmongOthers(type, new AttentionShape(4, 2, 64));
            sameAloneAndAmongOthers(type, new AttentionShape(4, 2, 64, DType.BF16));
        });
    }

    private void sameAloneAndAmongOthers(DType type, AttentionShape shape) {
        try (Lab lab = lab(85)) {
            Device device = lab.device();
            TwinCache twin = lab.cache(type, 8, 8, shape);
            KvLayer cache = new KvLayer(twin.keys().tested(), twin.values().tested(), 8);
            Tensor q = lab.normal(50, shape.queryCols()).tested();
            Tensor k = lab.normal(50, shape.kvCols()).tested();
            Tensor v = lab.normal(50, shape.kvCols()).tested();
            Tensor dout = lab.normal(50, shape.queryCols()).tested();
            List<Span> spans = List.of(
                    new Span(0, 20, 13, new int[] {3, 6}),
                    new Span(20, 11, 9, new int[] {5, 1}),
                    new Span(31, 1, 21, new int[] {7, 0, 2}),
                    Span.of(32, 18));
            Results all = attend(lab, device, shape, cache, q, k, v, dout, spans);
            for (Span span : spans) {
                int row = span.row();
                int rows = span.rows();
                Results alone = attend(
                        lab,
                        device,
                        shape,
                        cache,
                        q.rows(row, rows),
                        k.rows(row, rows),
                        v.rows(row, rows),
                        dout.rows(row, rows),
                        List.of(new Span(0, rows, span.position(), span.blocks())));
                for (int i = 0; i < all.tensors().size(); i++) {
                    assertArrayEquals(
                            device.read(all.tensors().get(i).rows(row, rows)),
                            device.read(alone.tensors().get(i)));
                }
            }
        }
    }

    /** Output and gradients. */
    record Results(List<Tensor> tensors) {}

    private static Results attend(
            Lab lab,
            Device device,
            AttentionShape shape,
            KvLayer cache,
            Tensor q,
            Tensor k,
            Tensor v,
            Tensor dout,
            List<Span> spans) {
        Tensor out = lab.normal(q.rows(), q.cols()).tested();
        Tensor dq = lab.normal(q.rows(), q.cols()).tested();
        Tensor dk = lab.normal(q.rows(), k.cols()).tested();
        Tensor dv = lab.normal(q.rows(), k.cols()).tested();
        device.attention(out, q, k, v, shape, cache, spans);
        device.attentionBackward(dq, dk, dv, dout, q, k, v, shape, cache, spans);
        return new Results(List.of(out, dq, dk, dv));
    }

    @Test
    default void spansThatDoNotFitAreRefused() {
        AttentionShape shape = new AttentionShape(4, 2, 8);
        try (Lab lab = lab(86)) {
            Device device = lab.device();
            TwinCache twin = lab.cache(DType.F32, 3, 4, shape);
            KvLayer cache = new KvLayer(twin.keys().tested(), twin.values().tested(), 4);
            Tensor q = lab.normal(6, 32).tested();
            Tensor k = lab.normal(6, 16).tested();
            Tensor out = lab.normal(6, 32).tested();
            List<Span> fits = List.of(Span.of(0, 6));
            refused(() -> device.attention(out, k, k, k, shape, null, fits));
            refused(() -> device.attention(out, q, q, k, shape, null, fits));
            refused(() -> device.attention(out, q, k, q, shape, null, fits));
            refused(() -> device.attention(k, q, k, k, shape, null, fits));
            refused(() -> device.attention(out, q, k, k, new AttentionShape(4, 3, 8), null, fits));
            for (Span wrong : List.of(
                    Span.of(0, 7),
                    Span.of(-1, 2),
                    new Span(0, 2, 4, new int[0]),
                    new Span(0, 2, 5, new int[] {1}),
                    new Span(0, 2, 3, new int[] {3}),
                    new Span(0, 2, 3, new int[] {-1}))) {
                List<Span> spans = List.of(wrong);
                refused(() -> device.attention(out, q, k, k, shape, cache, spans));
                refused(() -> device.attentionBackward(out, k, k, out, q, k, k, shape, cache, spans));
            }
            List<Span> cached = List.of(new Span(0, 2, 3, new int[] {1}));
            refused(() -> device.attention(out, q, k, k, shape, null, cached));
            // five positions need two blocks
            refused(() -> device.cacheWrite(cache, k, k, cached));
            refused(() -> device.cacheWrite(cache, q, q, List.of()));
            refused(() -> device.attention(out, q, k, k, shape, null, List.of(Span.of(0, 3), Span.of(2, 2))));
            refused(() -> device.attentionWeights(out, q, k, shape, null, Span.of(0, 6)));
            // of a type that the device has no cache of, or of two types
            Tensor other = lab.twin(
                            device.cacheTypes().contains(DType.BF16) ? DType.I32 : DType.BF16, 12, shape.kvCols())
                    .tested();
            refused(() -> device.cacheWrite(new KvLayer(other, other, 4), k, k, List.of()));
            refused(() -> device.cacheWrite(new KvLayer(cache.keys(), other, 4), k, k, List.of()));
            refused(() -> device.attention(out, q, k, k, shape, new KvLayer(other, other, 4), fits));
        }
    }
}
