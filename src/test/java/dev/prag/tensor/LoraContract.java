package dev.prag.tensor;

import static dev.prag.tensor.MemoryContract.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.tensor.Lab.Twin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Low-rank side branches, several adapters in one batch. */
interface LoraContract extends Contract {
    /** Adapters of those ranks, one after another in the slab with gaps between them, each with a scale of its own. */
    static List<LoraSpan.Part> parts(int in, int out, int... ranks) {
        List<LoraSpan.Part> parts = new ArrayList<>();
        long next = 3;
        float scale = 0.5f;
        for (int rank : ranks) {
            long a = next;
            long b = a + (long) rank * in + 1;
            next = b + (long) rank * out + 2;
            parts.add(new LoraSpan.Part(a, b, rank, scale));
            scale *= -0.75f;
        }
        return parts;
    }

    private static Twin slab(Lab lab, List<LoraSpan.Part> parts, int in, int out) {
        long end = 0;
        for (LoraSpan.Part part : parts) {
            end = Math.max(end, Math.max(part.a() + (long) part.rank() * in, part.b() + (long) part.rank() * out));
        }
        return lab.normal(1, (int) end + 5);
    }

    @Test
    default void loraAddsTheScaledProduct() {
        try (Lab lab = lab(60)) {
            // A = [1 2], B = [3 4 5] transposed as it lies
            Twin slab = lab.floats(1, 6, 9, 1, 2, 3, 4, 5);
            Twin x = lab.floats(2, 2, 1, 10, 7, 7);
            Twin y = lab.floats(2, 3, 1, 1, 1, 2, 2, 2);
            List<LoraSpan> spans = List.of(new LoraSpan(0, 1, List.of(new LoraSpan.Part(1, 3, 1, 0.5f))));
            lab.run(side -> side.device().lora(side.of(y), side.of(x), side.of(slab), spans));
            assertArrayEquals(new float[] {32.5f, 43, 53.5f, 2, 2, 2}, lab.read(y));
        }
    }

    @Test
    default void loraForwardAndBackward() {
        for (int[] shape : new int[][] {{1, 1}, {16, 32}, {17, 45}, {64, 24}, {130, 99}, {520, 300}}) {
            int in = shape[0];
            int out = shape[1];
            List<LoraSpan.Part> parts = parts(in, out, 1, 2, 4, 64, 2, 3);
            check(in, out, 1, parts, List.of(new LoraSpan(0, 1, parts.subList(0, 1))));
            check(in, out, 5, parts, List.of());
            check(in, out, 40, parts, List.of(new LoraSpan(0, 40, parts.subList(1, 2))));
            // gaps, several parts, none, one row, out of order
            check(
                    in,
                    out,
                    60,
                    parts,
                    List.of(
                            new LoraSpan(30, 21, List.of(parts.get(3), parts.get(2))),
                            new LoraSpan(2, 1, parts.subList(4, 5)),
                            new LoraSpan(4, 19, List.of(parts.get(5), parts.get(0), parts.get(1))),
                            new LoraSpan(24, 3, List.of())));
            // many spans of one row, as in a step of decoding
            List<LoraSpan> single = new ArrayList<>();
            for (int row = 0; row < 9; row++) {
                single.add(new LoraSpan(row, 1, List.of(parts.get(row % 3), parts.get(row % 2 + 4))));
            }
            check(in, out, 9, parts, single);
        }
    }

    private void check(int in, int out, int rows, List<LoraSpan.Part> parts, List<LoraSpan> spans) {
        try (Lab lab = lab(61)) {
            Twin slab = slab(lab, parts, in, out);
            Twin grads = lab.normal(1, slab.plain().cols());
            Twin gradsOnly = lab.normal(1, slab.plain().cols());
            Twin x = lab.normal(rows, in);
            Twin y = lab.normal(rows, out);
            Twin dx = lab.normal(rows, in);
            Twin dy = lab.normal(rows, out);
            lab.run(side -> {
                Device device = side.device();
                device.lora(side.of(y), side.of(x), side.of(slab), spans);
                device.loraBackward(side.of(dx), side.of(grads), side.of(dy), side.of(x), side.of(slab), spans);
                device.loraBackward(null, side.of(gradsOnly), side.of(dy), side.of(x), side.of(slab), spans);
            });
            lab.near(y, Lab.F32);
            lab.near(dx, Lab.F32);
            lab.near(grads, Lab.F32);
            lab.near(gradsOnly, Lab.F32);
            lab.same(slab);
            untouched(lab, y, spans);
            untouched(lab, dx, spans);
        }
    }

    /** Rows without adapters are equal to the last bit. */
    private static void untouched(Lab lab, Twin twin, List<LoraSpan> spans) {
        for (int row = 0; row < twin.plain().rows(); row++) {
            int r = row;
            boolean inSpan =
                    spans.stream().anyMatch(s -> !s.parts().isEmpty() && r >= s.row() && r < s.row() + s.rows());
            if (!inSpan) {
                lab.same(twin.rows(row, 1));
            }
        }
    }

    @Test
    default void oneAdapterInSeveralSpansGathersAllGradients() {
        try (Lab lab = lab(62)) {
            List<LoraSpan.Part> parts = parts(20, 28, 2);
            Twin slab = slab(lab, parts, 20, 28);
            Twin grads = lab.normal(1, slab.plain().cols());
            Twin x = lab.normal(30, 20);
            Twin dy = lab.normal(30, 28);
            Twin dx = lab.normal(30, 20);
            List<LoraSpan> spans =
                    List.of(new LoraSpan(0, 11, parts), new LoraSpan(11, 8, parts), new LoraSpan(21, 9, parts));
            lab.run(side -> side.device()
                    .loraBackward(side.of(dx), side.of(grads), side.of(dy), side.of(x), side.of(slab), spans));
            lab.near(grads, Lab.F32);
            lab.near(dx, Lab.F32);
        }
    }

    /** As in a step of decoding with hundreds of sequences, each with adapters of its own. */
    @Test
    default void hundredsOfSpansOfOneRow() {
        List<LoraSpan.Part> parts = parts(45, 61, 1, 3, 16, 30, 2, 5, 2, 2);
        List<LoraSpan> spans = new ArrayList<>();
        for (int row = 0; row < 300; row++) {
            int first = row % 6;
            spans.add(new LoraSpan(row, 1, parts.subList(first, first + row % 3)));
        }
        check(45, 61, 300, parts, spans);
    }

    /** As in training, where the samples of a passage are spans of their own. */
    @Test
    default void manySpansShareAFewAdapters() {
        List<LoraSpan.Part> parts = parts(130, 41, 2, 16, 3, 10);
        List<LoraSpan> spans = new ArrayList<>();
        int row = 0;
        for (int i = 0; i < 11; i++) {
            int rows = new int[] {1, 8, 9, 65, 140}[i % 5];
            List<LoraSpan.Part> some = i % 4 == 0 ? parts.subList(1, 3) : parts.subList(i % 4, i % 4 + 1);
            spans.add(new LoraSpan(row, rows, some));
            row += rows + i % 2;
        }
        check(130, 41, row, parts, spans);
    }

    @Test
    default void wideProjectionsOfFewRows() {
        List<LoraSpan.Part> wide = parts(5003, 20, 2, 16, 1);
        List<LoraSpan.Part> high = parts(20, 5003, 2, 16, 1);
        for (int rows : new int[] {1, 3}) {
            List<LoraSpan> spans = List.of(new LoraSpan(0, rows, wide), new LoraSpan(rows, 1, wide.subList(1, 2)));
            check(5003, 20, rows + 1, wide, spans);
            spans = List.of(new LoraSpan(1, rows, high), new LoraSpan(0, 1, high.subList(0, 1)));
            check(20, 5003, rows + 1, high, spans);
        }
    }

    @Test
    default void aSpanAloneGivesWhatItGivesAmongOthers() {
        try (Lab lab = lab(63)) {
            Device device = lab.device();
            List<LoraSpan.Part> parts = parts(48, 80, 2, 4, 1);
            Tensor slab = slab(lab, parts, 48, 80).tested();
            Tensor x = lab.normal(30, 48).tested();
            Tensor y = lab.normal(30, 80).tested();
            Tensor dy = lab.normal(30, 80).tested();
            Tensor dx = lab.normal(30, 48).tested();
            Tensor grads = lab.floats(1, slab.cols(), new float[slab.cols()]).tested();
            Tensor aloneY = lab.normal(7, 80).tested();
            Tensor aloneDx = lab.normal(7, 48).tested();
            Tensor aloneGrads =
                    lab.floats(1, slab.cols(), new float[slab.cols()]).tested();
            device.copy(aloneY, y.rows(12, 7));
            device.copy(aloneDx, dx.rows(12, 7));
            List<LoraSpan> all = List.of(
                    new LoraSpan(0, 12, parts.subList(0, 1)),
                    new LoraSpan(12, 7, parts.subList(1, 2)),
                    new LoraSpan(19, 11, parts.subList(2, 3)));
            List<LoraSpan> alone = List.of(new LoraSpan(0, 7, parts.subList(1, 2)));
            device.lora(y, x, slab, all);
            device.lora(aloneY, x.rows(12, 7), slab, alone);
            Lab.near(device.read(y.rows(12, 7)), device.read(aloneY), 80, Lab.F32);
            device.loraBackward(dx, grads, dy, x, slab, all);
            device.loraBackward(aloneDx, aloneGrads, dy.rows(12, 7), x.rows(12, 7), slab, alone);
            Lab.near(device.read(dx.rows(12, 7)), device.read(aloneDx), 48, Lab.F32);
            LoraSpan.Part part = parts.get(1);
            Lab.near(slice(device, grads, part.a(), 4 * 48), slice(device, aloneGrads, part.a(), 4 * 48), 48, Lab.F32);
            Lab.near(slice(device, grads, part.b(), 4 * 80), slice(device, aloneGrads, part.b(), 4 * 80), 80, Lab.F32);
        }
    }

    /** Also where what the others have makes a device go another way. */
    @Test
    default void aRowAloneGivesWhatItGivesAmongOtherSpans() {
        try (Lab lab = lab(67)) {
            Device device = lab.device();
            List<LoraSpan.Part> parts = parts(600, 80, 2, 3, 64);
            Tensor slab = slab(lab, parts, 600, 80).tested();
            Tensor x = lab.normal(12, 600).tested();
            Tensor y = lab.normal(12, 80).tested();
            Tensor alone = lab.normal(1, 80).tested();
            Tensor some = lab.normal(2, 80).tested();
            device.copy(alone, y.rows(1, 1));
            device.copy(some, y.rows(0, 2));
            LoraSpan row = new LoraSpan(1, 1, parts.subList(0, 2));
            LoraSpan high = new LoraSpan(0, 1, parts);
            device.lora(alone, x.rows(1, 1), slab, List.of(new LoraSpan(0, 1, row.parts())));
            device.lora(some, x.rows(0, 2), slab, List.of(high, row));
            device.lora(y, x, slab, List.of(high, row, new LoraSpan(2, 10, row.parts())));
            Lab.near(device.read(y.rows(1, 1)), device.read(alone), 80, Lab.F32);
            Lab.near(device.read(y.rows(0, 2)), device.read(some), 80, Lab.F32);
        }
    }

    private static float[] slice(Device device, Tensor slab, long from, int length) {
        return Arrays.copyOfRange(device.read(slab), (int) from, (int) from + length);
    }

    @Test
    default void updatesAreBoundedByTheirNorm() {
        for (int[] shape : List.of(new int[] {20, 28}, new int[] {300, 500})) {
            int in = shape[0];
            int out = shape[1];
            try (Lab lab = lab(65)) {
                List<LoraSpan.Part> parts = parts(in, out, 2, 4, 1);
                Twin slab = slab(lab, parts, in, out);
                Twin before = lab.floats(slab.plain().rows(), slab.plain().cols(), lab.read(slab));
                List<LoraBound> bounds = List.of(
                        new LoraBound(parts.get(0), in, out, 2),
                        new LoraBound(parts.get(1), in, out, 1e9f),
                        new LoraBound(parts.get(2), in, out, 0.01f));
                lab.run(side -> side.device().boundLora(side.of(slab), bounds));
                lab.near(slab, Lab.F32);
                float[] is = lab.read(slab);
                float[] was = lab.read(before);
                assertEquals(2, norm(is, parts.get(0), in, out), 1e-4);
                assertEquals(norm(was, parts.get(1), in, out), norm(is, parts.get(1), in, out));
                assertEquals(0.01, norm(is, parts.get(2), in, out), 1e-6);
                LoraBound none = new LoraBound(parts.get(0), in, out, 0);
                refused(() -> lab.device().boundLora(slab.tested(), List.of(none)));
                LoraBound wide = new LoraBound(parts.get(2), in, 1000 * out, 1);
                refused(() -> lab.device().boundLora(slab.tested(), List.of(wide)));
            }
        }
    }

    /** Of scale·BᵀA, element by element. */
    private static double norm(float[] slab, LoraSpan.Part part, int in, int out) {
        double square = 0;
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                double update = 0;
                for (int r = 0; r < part.rank(); r++) {
                    update += (double) slab[(int) part.a() + r * in + i] * slab[(int) part.b() + r * out + o];
                }
                square += update * update;
            }
        }
        return Math.abs(part.scale()) * Math.sqrt(square);
    }

    @Test
    default void normsOfWeights() {
        for (DType compute : List.of(DType.F32, DType.BF16, DType.I8)) {
            try (Lab lab = lab(66)) {
                for (int[] shape : List.of(new int[] {3, 5}, new int[] {200, 384})) {
                    Lab.TwinWeight weight = lab.weight(DType.BF16, shape[0], shape[1], compute);
                    double[] norms = new double[2];
                    lab.run(side -> norms[side.tested() ? 0 : 1] = side.device().norm(side.of(weight)));
                    assertEquals(norms[1], norms[0], 1e-5 * norms[1]);
                }
            }
        }
    }

    @Test
    default void sideBranchesThatDoNotFitAreRefused() {
        try (Lab lab = lab(64)) {
            Device device = lab.device();
            Tensor slab = lab.normal(1, 40).tested();
            Tensor x = lab.normal(3, 4).tested();
            Tensor y = lab.normal(3, 6).tested();
            LoraSpan.Part part = new LoraSpan.Part(0, 8, 2, 1);
            refused(() -> device.lora(y, x.rows(0, 2), slab, List.of()));
            refused(() -> device.lora(y, x, slab, List.of(new LoraSpan(0, 4, List.of(part)))));
            refused(() -> device.lora(y, x, slab, List.of(new LoraSpan(-1, 2, List.of(part)))));
            refused(() -> device.lora(
                    y, x, slab, List.of(new LoraSpan(0, 2, List.of(part)), new LoraSpan(1, 1, List.of(part)))));
            for (LoraSpan.Part wrong : List.of(
                    new LoraSpan.Part(33, 0, 2, 1),
                    new LoraSpan.Part(0, 29, 2, 1),
                    new LoraSpan.Part(-1, 8, 2, 1),
                    new LoraSpan.Part(0, 8, 0, 1))) {
                List<LoraSpan> spans = List.of(new LoraSpan(0, 2, List.of(wrong)));
                refused(() -> device.lora(y, x, slab, spans));
                refused(() -> device.loraBackward(x, slab, y, x, slab, spans));
            }
            refused(() -> device.loraBackward(y, slab, y, x, slab, List.of()));
            refused(() -> device.loraBackward(x, lab.normal(1, 39).tested(), y, x, slab, List.of()));
        }
    }
}
