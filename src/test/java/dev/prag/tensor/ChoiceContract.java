package dev.prag.tensor;

import static dev.prag.tensor.MemoryContract.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.tensor.Lab.Twin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is chosen by logits: the best tokens, and a drawn one. */
interface ChoiceContract extends Contract {
    double JUST_BELOW_ONE = Math.nextDown(1.0);

    @Test
    default void topKOrdersByLogitThenById() {
        try (Lab lab = lab(102)) {
            Twin logits = lab.floats(2, 6, 1, 3, 2, 3, 3, 0, -1, -1, -1, -1, -1, -1);
            Twin ids = lab.column(8, 9).rows(0, 8);
            Twin best = new Twin(ids.tested().reshape(2, 4), ids.plain().reshape(2, 4));
            Twin logProbabilities = lab.normal(2, 4);
            lab.run(side -> side.device().topK(side.of(best), side.of(logProbabilities), side.of(logits)));
            assertArrayEquals(new int[] {1, 3, 4, 2, 0, 1, 2, 3}, lab.readInts(best));
            lab.near(logProbabilities, Lab.F32);
        }
    }

    @Test
    default void topKOfManyLogits() {
        for (int k : new int[] {1, 5, 50, 1003}) {
            try (Lab lab = lab(103)) {
                // a coarse grid, so that many are equal
                float[] values = lab.normals(3 * 1003);
                for (int i = 0; i < values.length; i++) {
                    values[i] = Math.round(values[i] * 8) / 8f;
                }
                Twin logits = lab.floats(3, 1003, values);
                Twin ids = lab.ints(3, k, new int[3 * k]);
                Twin logProbabilities = lab.normal(3, k);
                lab.run(side -> side.device().topK(side.of(ids), side.of(logProbabilities), side.of(logits)));
                lab.same(ids);
                lab.near(logProbabilities, Lab.F32);
                lab.same(logits);
            }
        }
    }

    private static int[] sample(Lab lab, Twin logits, int vocab, List<SamplingRow> rows) {
        Twin ids = lab.column(rows.size(), 3);
        Twin logProbabilities = lab.normal(rows.size(), 1);
        lab.run(side -> side.device().sample(side.of(ids), side.of(logProbabilities), side.of(logits), vocab, rows));
        lab.same(ids);
        lab.near(logProbabilities, Lab.F32);
        lab.same(logits);
        return lab.readInts(ids);
    }

    private static int sampleOne(Lab lab, Twin logits, int vocab, SamplingRow row) {
        return sample(lab, logits, vocab, List.of(row))[0];
    }

    private static SamplingRow row(double temperature, int topK, double topP, double uniform) {
        return new SamplingRow((float) temperature, topK, (float) topP, 1, new int[0], uniform);
    }

    @Test
    default void greedyTakesTheLowestIdAmongEquals() {
        try (Lab lab = lab(104)) {
            Twin logits = lab.floats(2, 40, tied(40, 7, 20, 33, 39));
            assertArrayEquals(
                    new int[] {7, 7}, sample(lab, logits, 40, List.of(SamplingRow.GREEDY, SamplingRow.GREEDY)));
            // what the penalty brings down is no longer the best, of either sign
            SamplingRow penalised = new SamplingRow(0, 0, 1, 2, new int[] {20, 7}, 0);
            assertArrayEquals(new int[] {33, 7}, sample(lab, logits, 40, List.of(penalised, SamplingRow.GREEDY)));
            Twin negative = lab.floats(1, 3, -1, -1.5f, -3);
            assertEquals(1, sampleOne(lab, negative, 3, new SamplingRow(0, 0, 1, 2, new int[] {0}, 0)));
            Twin zero = lab.floats(1, 3, -1, 0, -3);
            assertEquals(1, sampleOne(lab, zero, 3, new SamplingRow(0, 0, 1, 5, new int[] {1}, 0)));
            // greedy looks at neither the draw nor the cuts
            assertEquals(0, sampleOne(lab, negative, 3, row(0, 2, 0.1, JUST_BELOW_ONE)));
        }
    }

    /** Two rows of zeros with equal peaks. */
    private static float[] tied(int vocab, int... peaks) {
        float[] values = new float[2 * vocab];
        for (int peak : peaks) {
            values[peak] = 2;
            values[vocab + peak] = 2;
        }
        return values;
    }

    @Test
    default void idsBeyondTheVocabularyAreNeverChosen() {
        try (Lab lab = lab(105)) {
            Twin logits = lab.floats(1, 6, 1, 2, 1.5f, 1, 9, 9);
            assertEquals(1, sampleOne(lab, logits, 4, SamplingRow.GREEDY));
            for (double uniform : new double[] {0, 0.3, 0.6, JUST_BELOW_ONE}) {
                sampleOne(lab, logits, 4, row(1, 0, 1, uniform));
            }
            assertEquals(3, sampleOne(lab, logits, 4, row(1, 0, 1, JUST_BELOW_ONE)));
            assertEquals(3, sampleOne(lab, logits, 4, row(1, 50, 1, JUST_BELOW_ONE)));
            assertEquals(0, sampleOne(lab, logits, 1, row(1, 0, 1, 0.5)));
            // a seen id beyond the vocabulary changes nothing
            assertEquals(1, sampleOne(lab, logits, 4, new SamplingRow(0, 0, 1, 2, new int[] {5}, 0)));
        }
    }

    private static SamplingRow row(double temperature, int topK, double topP, double uniform, long... allowed) {
        return row(temperature, topK, topP, uniform).with(allowed);
    }

    @Test
    default void onlyAllowedIdsAreChosen() {
        try (Lab lab = lab(106)) {
            Twin small = lab.floats(1, 6, 1, 2, 1.5f, 1, 9, 9);
            assertEquals(2, sampleOne(lab, small, 6, SamplingRow.GREEDY.with(new long[] {0b001101})));
            assertEquals(2, sampleOne(lab, small, 4, SamplingRow.GREEDY.with(new long[] {0b111101})));
            // the penalty brings what is allowed down, and never below what isn't
            SamplingRow penalised = new SamplingRow(0, 0, 1, 3, new int[] {0, 2}, 0, new long[] {0b000101});
            assertEquals(2, sampleOne(lab, small, 6, penalised));
            for (double uniform : new double[] {0, 0.5, JUST_BELOW_ONE}) {
                assertEquals(3, sampleOne(lab, small, 6, row(1, 0, 1, uniform, 0b001000)));
                assertEquals(3, sampleOne(lab, small, 6, row(1, 4, 0.9, uniform, 0b001000)));
            }
            assertEquals(0, sampleOne(lab, small, 6, row(1, 0, 1, JUST_BELOW_ONE, 0b000011)));
            assertEquals(0, sampleOne(lab, small, 6, row(1, 5, 1, JUST_BELOW_ONE, 0b000011)));

            Twin large = lab.normal(3, 1003);
            long[] few = new long[16];
            few[0] = 1L << 63;
            few[9] = 0b1011L;
            few[15] = 1L << 42;
            long[] many = new long[20];
            Arrays.fill(many, 0x5555_5555_5555_5555L);
            many[3] = -1;
            for (double uniform : new double[] {0, 0.2, 0.7, 0.95, JUST_BELOW_ONE}) {
                for (double topP : new double[] {1, 0.8}) {
                    for (int topK : new int[] {0, 3, 700}) {
                        List<SamplingRow> rows = List.of(
                                row(0.9, topK, topP, uniform, few),
                                row(1.3, topK, topP, uniform, many),
                                row(1, topK, topP, uniform));
                        int[] ids = sample(lab, large, 1003, rows);
                        for (int r = 0; r < ids.length; r++) {
                            assertTrue(rows.get(r).allows(ids[r]));
                        }
                    }
                }
            }
        }
    }

    @Test
    default void theDrawRunsFromTheBestToTheLast() {
        try (Lab lab = lab(106)) {
            // probabilities 1/4 each
            Twin logits = lab.floats(1, 4, 1, 1, 1, 1);
            assertEquals(0, sampleOne(lab, logits, 4, row(1, 0, 1, 0)));
            assertEquals(0, sampleOne(lab, logits, 4, row(1, 0, 1, 0.24)));
            assertEquals(1, sampleOne(lab, logits, 4, row(1, 0, 1, 0.26)));
            assertEquals(3, sampleOne(lab, logits, 4, row(1, 0, 1, JUST_BELOW_ONE)));
            // the cuts keep the best, and never nothing
            assertEquals(1, sampleOne(lab, logits, 4, row(1, 2, 1, JUST_BELOW_ONE)));
            assertEquals(0, sampleOne(lab, logits, 4, row(1, 1, 1, JUST_BELOW_ONE)));
            assertEquals(1, sampleOne(lab, logits, 4, row(1, 0, 0.5, JUST_BELOW_ONE)));
            assertEquals(2, sampleOne(lab, logits, 4, row(1, 0, 0.51, JUST_BELOW_ONE)));
            assertEquals(0, sampleOne(lab, logits, 4, row(1, 0, 0, JUST_BELOW_ONE)));
            assertEquals(0, sampleOne(lab, logits, 4, row(1, 0, 1e-9, JUST_BELOW_ONE)));
            assertEquals(3, sampleOne(lab, logits, 4, row(1, 0, 0.9999, JUST_BELOW_ONE)));
            // top-p counts what top-k has left: halves, not quarters
            assertEquals(0, sampleOne(lab, logits, 4, row(1, 2, 0.5, JUST_BELOW_ONE)));
            // ln 1, ln 2, ln 5: probabilities 1/8, 2/8, 5/8, the best first
            Twin uneven = lab.floats(1, 3, 0, (float) Math.log(2), (float) Math.log(5));
            assertEquals(2, sampleOne(lab, uneven, 3, row(1, 0, 1, 0.62)));
            assertEquals(1, sampleOne(lab, uneven, 3, row(1, 0, 1, 0.63)));
            assertEquals(1, sampleOne(lab, uneven, 3, row(1, 0, 1, 0.87)));
            assertEquals(0, sampleOne(lab, uneven, 3, row(1, 0, 1, 0.88)));
            // at temperature 1/2 they are squared: 1/30, 4/30, 25/30
            assertEquals(2, sampleOne(lab, uneven, 3, row(0.5, 0, 1, 0.83)));
            assertEquals(1, sampleOne(lab, uneven, 3, row(0.5, 0, 1, 0.84)));
        }
    }

    @Test
    default void rowsAreSampledWithParametersOfTheirOwn() {
        for (int vocab : new int[] {1003, 997}) {
            try (Lab lab = lab(107)) {
                Random random = lab.random();
                for (int round = 0; round < 6; round++) {
                    Twin logits = lab.normal(13, 1003);
                    List<SamplingRow> rows = new ArrayList<>();
                    for (int r = 0; r < 13; r++) {
                        rows.add(new SamplingRow(
                                new float[] {0, 0.3f, 1, 2.5f}[random.nextInt(4)],
                                new int[] {0, 1, 7, 40, 5000}[random.nextInt(5)],
                                new float[] {1, 0.3f, 0.9f, 0.999f}[random.nextInt(4)],
                                new float[] {1, 1.3f, 0.8f}[random.nextInt(3)],
                                random.ints(0, 1003)
                                        .distinct()
                                        .limit(random.nextInt(300))
                                        .toArray(),
                                random.nextDouble()));
                    }
                    sample(lab, logits, vocab, rows);
                }
            }
        }
    }

    /** Qwen 2.5's, and of it as many tokens as LLaMA 3 has. */
    @Test
    default void choiceAmongWholeVocabularies() {
        int vocab = 152_064;
        try (Lab lab = lab(112)) {
            float[] values = lab.normals(2 * vocab);
            for (int i = 0; i < values.length; i++) {
                values[i] *= 3;
            }
            Twin logits = lab.floats(2, vocab, values);
            Twin ids = lab.ints(2, 50, new int[100]);
            Twin logProbabilities = lab.normal(2, 50);
            lab.run(side -> side.device().topK(side.of(ids), side.of(logProbabilities), side.of(logits)));
            lab.near(logProbabilities, Lab.F32);
            lab.same(ids);
            long[] even = new long[vocab / 64];
            Arrays.fill(even, 0x5555_5555_5555_5555L);
            sample(lab, logits, vocab, List.of(row(1, 0, 0.9, 0.4, even), row(0.7, 40, 0.95, 0.8)));
            sample(lab, logits, 128_256, List.of(SamplingRow.GREEDY.with(even), row(0.6, 0, 1, 0.6)));
        }
    }

    @Test
    default void allLogitsOfAVocabularyEqual() {
        int vocab = 152_064;
        try (Lab lab = lab(113)) {
            float[] values = new float[vocab];
            Arrays.fill(values, -7.25f);
            Twin logits = lab.floats(1, vocab, values);
            assertEquals(0, sampleOne(lab, logits, vocab, SamplingRow.GREEDY));
            // between the ends of a token's share, whose sums are rounded
            assertEquals(114_048, sampleOne(lab, logits, vocab, row(1, 0, 1, 114_048.5 / vocab)));
            assertEquals(19_008, sampleOne(lab, logits, vocab, row(0.5, 0, 0.5, 19_008.5 / (vocab / 2))));
            assertEquals(1499, sampleOne(lab, logits, vocab, row(1, 1500, 1, JUST_BELOW_ONE)));
            Twin ids = lab.ints(1, 3, 9, 9, 9);
            Twin logProbabilities = lab.normal(1, 3);
            lab.run(side -> side.device().topK(side.of(ids), side.of(logProbabilities), side.of(logits)));
            assertArrayEquals(new int[] {0, 1, 2}, lab.readInts(ids));
            lab.near(logProbabilities, Lab.F32);
        }
    }

    @Test
    default void choiceAmongLogitsAtTheEndsOfTheirRange() {
        try (Lab lab = lab(114)) {
            Twin logits = Contract.atTheEndsOfTheirRange(lab);
            Twin ids = lab.ints(3, 5, new int[15]);
            Twin logProbabilities = lab.normal(3, 5);
            lab.run(side -> side.device().topK(side.of(ids), side.of(logProbabilities), side.of(logits)));
            assertArrayEquals(new int[] {0, 4, 2, 1, 3, 3, 0, 1, 2, 4, 4, 0, 2, 3, 1}, lab.readInts(ids));
            SamplingRow drawn = row(1, 0, 1, 0.999);
            assertArrayEquals(new int[] {0, 3, 4}, sample(lab, logits, 5, List.of(drawn, drawn, drawn)));
            drawn = row(1, 4, 0.9, 0.999, 0b01110);
            assertArrayEquals(new int[] {2, 3, 3}, sample(lab, logits, 5, List.of(drawn, drawn, drawn)));
        }
    }

    /** Flat ones need nearly all tokens, steep ones a few. */
    @Test
    default void drawsFromFlatAndSteepRows() {
        try (Lab lab = lab(115)) {
            Twin logits = lab.normal(4, 5001);
            for (double uniform : new double[] {0, 0.3, 0.77, 0.999}) {
                sample(
                        lab,
                        logits,
                        5001,
                        List.of(
                                row(0.1, 0, 0.95, uniform),
                                row(1, 0, 1, uniform),
                                row(3, 0, 0.99, uniform),
                                row(2, 3000, 0.9, uniform)));
            }
        }
    }

    @Test
    default void aRowIsChosenAloneAsAmongOthers() {
        try (Lab lab = lab(108)) {
            Device device = lab.device();
            Tensor logits = lab.normal(9, 515).tested();
            Tensor logProbabilities = lab.normal(9, 1).tested();
            Tensor ids = lab.column(9, 3).tested();
            SamplingRow[] rows = new SamplingRow[9];
            Arrays.setAll(rows, r -> row(0.8, 40, 0.95, r / 9.0));
            device.sample(ids, logProbabilities, logits, 515, Arrays.asList(rows));
            for (int r = 0; r < 9; r++) {
                Tensor value = lab.normal(1, 1).tested();
                Tensor id = lab.column(1, 3).tested();
                device.sample(id, value, logits.rows(r, 1), 515, List.of(rows[r]));
                assertArrayEquals(device.readInts(ids.rows(r, 1)), device.readInts(id));
                assertArrayEquals(device.read(logProbabilities.rows(r, 1)), device.read(value));
            }
        }
    }

    @Test
    default void choicesOfTheWrongShapeAreRefused() {
        try (Lab lab = lab(109)) {
            Device device = lab.device();
            Tensor logits = lab.normal(3, 5).tested();
            Tensor column = lab.normal(3, 1).tested();
            Tensor ids = lab.column(3, 5).tested();
            refused(() -> device.topK(
                    lab.ints(3, 6, new int[18]).tested(), lab.normal(3, 6).tested(), logits));
            refused(() -> device.topK(
                    lab.ints(3, 2, new int[6]).tested(), lab.normal(3, 3).tested(), logits));
            List<SamplingRow> three = List.of(SamplingRow.GREEDY, SamplingRow.GREEDY, SamplingRow.GREEDY);
            refused(() -> device.sample(ids, column, logits, 6, three));
            refused(() -> device.sample(ids, column, logits, 0, three));
            refused(() -> device.sample(ids, column, logits, 5, three.subList(0, 2)));
            for (SamplingRow wrong : List.of(
                    row(-1, 0, 1, 0),
                    row(1, -1, 1, 0),
                    row(1, 0, 1.5, 0),
                    row(1, 0, 1, 1),
                    row(1, 0, 1, -0.1),
                    SamplingRow.GREEDY.with(new long[0]),
                    SamplingRow.GREEDY.with(new long[] {0b100000}),
                    new SamplingRow(1, 0, 1, 0, new int[0], 0),
                    new SamplingRow(1, 0, 1, 2, new int[] {5}, 0))) {
                List<SamplingRow> rows = List.of(SamplingRow.GREEDY, wrong, SamplingRow.GREEDY);
                refused(() -> device.sample(ids, column, logits, 5, rows));
            }
        }
    }
}
