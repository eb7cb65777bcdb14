package dev.prag.tensor;

import static dev.prag.tensor.MemoryContract.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.prag.tensor.Lab.Twin;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Steps of the optimiser. */
interface AdamWContract extends Contract {
    AdamW HYPER = new AdamW(3e-2f, 0.9f, 0.999f, 1e-8f, 0.01f);

    @Test
    default void theFirstStepGoesAgainstTheSignOfTheGradient() {
        try (Lab lab = lab(120)) {
            Twin p = lab.floats(1, 4, 1, -2, 0, 5);
            Twin g = lab.floats(1, 4, 1e-3f, -40, 0, 1);
            Twin m = lab.floats(1, 4, 0, 0, 0, 0);
            Twin v = lab.floats(1, 4, 0, 0, 0, 0);
            AdamW hyper = new AdamW(0.5f, 0.9f, 0.999f, 1e-8f, 0.1f);
            List<AdamW.Range> ranges = List.of(new AdamW.Range(0, 3, 1));
            lab.run(side -> side.device().adamW(side.of(p), side.of(g), side.of(m), side.of(v), hyper, ranges));
            assertArrayEquals(new float[] {0.95f - 0.5f, -1.9f + 0.5f, 0, 5}, lab.read(p), 1e-4f);
            assertArrayEquals(new float[] {1e-4f, -4, 0, 0}, lab.read(m), 1e-5f);
            assertArrayEquals(new float[] {1e-9f, 1.6f, 0, 0}, lab.read(v), 1e-4f);
        }
    }

    @Test
    default void rangesTakeStepsOfTheirOwn() {
        for (int[] shape : new int[][] {{1, 1}, {1, 20}, {3, 37}, {40, 101}}) {
            try (Lab lab = lab(121)) {
                int size = shape[0] * shape[1];
                Twin p = lab.normal(shape[0], shape[1]);
                Twin m = lab.normal(shape[0], shape[1]);
                Twin v = squares(lab, shape);
                List<AdamW.Range> ranges = size == 1
                        ? List.of(new AdamW.Range(0, 1, 3))
                        : List.of(
                                new AdamW.Range(size / 2 + 1, size / 3, 7),
                                new AdamW.Range(1, size / 4, 1),
                                new AdamW.Range(size - 1, 1, 1000),
                                new AdamW.Range(0, 0, 1));
                float[] before = lab.read(p);
                for (int step = 0; step < 3; step++) {
                    int taken = step;
                    Twin g = lab.normal(shape[0], shape[1]);
                    List<AdamW.Range> now = ranges.stream()
                            .map(r -> new AdamW.Range(r.offset(), r.length(), r.step() + taken))
                            .toList();
                    lab.run(side -> side.device().adamW(side.of(p), side.of(g), side.of(m), side.of(v), HYPER, now));
                    lab.same(g);
                }
                lab.near(p, Lab.F32);
                lab.near(m, Lab.F32);
                lab.near(v, Lab.F32);
                outside(ranges, before, lab.read(p));
            }
        }
    }

    /** As in training, where every adapter has steps of its own. */
    @Test
    default void hundredsOfRanges() {
        try (Lab lab = lab(123)) {
            int[] shape = {20, 3001};
            Twin p = lab.normal(shape[0], shape[1]);
            Twin m = lab.normal(shape[0], shape[1]);
            Twin g = lab.normal(shape[0], shape[1]);
            Twin v = squares(lab, shape);
            List<AdamW.Range> ranges = new ArrayList<>();
            long next = 0;
            for (int i = 0; i < 300; i++) {
                long length = i == 150 ? 9000 : i % 7 * 27;
                ranges.add(new AdamW.Range(next, length, 1 + i % 40));
                next += length + i % 2;
            }
            float[] before = lab.read(p);
            lab.run(side -> side.device().adamW(side.of(p), side.of(g), side.of(m), side.of(v), HYPER, ranges));
            lab.near(p, Lab.F32);
            lab.near(m, Lab.F32);
            lab.near(v, Lab.F32);
            outside(ranges, before, lab.read(p));
        }
    }

    private static Twin squares(Lab lab, int[] shape) {
        float[] values = lab.normals(shape[0] * shape[1]);
        for (int i = 0; i < values.length; i++) {
            values[i] *= values[i];
        }
        return lab.floats(shape[0], shape[1], values);
    }

    /** What lies in no range is as it was, to the bit. */
    private static void outside(List<AdamW.Range> ranges, float[] before, float[] after) {
        float[] expected = before.clone();
        for (AdamW.Range range : ranges) {
            System.arraycopy(after, (int) range.offset(), expected, (int) range.offset(), (int) range.length());
        }
        assertArrayEquals(expected, after);
    }

    @Test
    default void stepsOutsideOfTheSlabAreRefused() {
        try (Lab lab = lab(122)) {
            Device device = lab.device();
            Tensor slab = lab.normal(2, 10).tested();
            Tensor other = lab.normal(1, 10).tested();
            List<AdamW.Range> none = List.of();
            refused(() -> device.adamW(slab, other, slab, slab, HYPER, none));
            refused(() -> device.adamW(slab, slab, other, slab, HYPER, none));
            refused(() -> device.adamW(slab, slab, slab, other, HYPER, none));
            for (AdamW.Range wrong : List.of(
                    new AdamW.Range(15, 6, 1),
                    new AdamW.Range(-1, 6, 1),
                    new AdamW.Range(0, -1, 1),
                    new AdamW.Range(0, 5, 0))) {
                refused(() -> device.adamW(slab, slab, slab, slab, HYPER, List.of(wrong)));
            }
        }
    }
}
