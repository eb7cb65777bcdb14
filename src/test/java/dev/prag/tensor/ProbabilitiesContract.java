package dev.prag.tensor;

import static dev.prag.tensor.MemoryContract.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.tensor.Lab.Twin;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is read off logits: losses, their gradients, probabilities and entropy. */
interface ProbabilitiesContract extends Contract {
    List<int[]> LOGITS = List.of(
            new int[] {1, 1}, new int[] {1, 7}, new int[] {3, 16}, new int[] {5, 33}, new int[] {9, 1003}, new int[] {
                2, 9001
            });

    @Test
    default void lossesAndProbabilitiesOfEveryRow() {
        for (int[] shape : LOGITS) {
            try (Lab lab = lab(100)) {
                int rows = shape[0];
                int vocab = shape[1];
                Twin logits = lab.normal(rows, vocab);
                Twin labels = lab.column(rows, vocab);
                Twin scales = lab.normal(rows, 1);
                Twin losses = lab.normal(rows, 1);
                Twin lossesOnly = lab.normal(rows, 1);
                Twin dlogits = lab.normal(rows, vocab);
                Twin logProbabilities = lab.normal(rows, 1);
                Twin entropy = lab.normal(rows, 1);
                lab.run(side -> {
                    Device device = side.device();
                    device.crossEntropy(
                            side.of(losses), side.of(dlogits), side.of(logits), side.of(labels), side.of(scales));
                    device.crossEntropy(side.of(lossesOnly), null, side.of(logits), side.of(labels), null);
                    device.logProbabilities(side.of(logProbabilities), side.of(logits), side.of(labels));
                    device.entropy(side.of(entropy), side.of(logits));
                });
                for (Twin result : List.of(losses, lossesOnly, dlogits, logProbabilities, entropy)) {
                    lab.near(result, Lab.F32);
                }
                lab.same(logits);
                lab.run(side -> side.device()
                        .crossEntropy(
                                side.of(losses),
                                side.of(side.tested() ? logits : dlogits),
                                side.of(logits),
                                side.of(labels),
                                side.of(scales)));
                lab.near(new Twin(logits.tested(), dlogits.plain()), Lab.F32);
            }
        }
    }

    @Test
    default void probabilitiesOfEqualLogits() {
        try (Lab lab = lab(101)) {
            Twin logits = lab.floats(2, 4, 1e4f, 1e4f, 1e4f, 1e4f, 0, -1e4f, -1e4f, -1e4f);
            Twin labels = lab.ints(2, 1, 3, 0);
            Twin scales = lab.floats(2, 1, 2, 1);
            Twin losses = lab.normal(2, 1);
            Twin dlogits = lab.normal(2, 4);
            Twin entropy = lab.normal(2, 1);
            lab.run(side -> {
                side.device()
                        .crossEntropy(
                                side.of(losses), side.of(dlogits), side.of(logits), side.of(labels), side.of(scales));
                side.device().entropy(side.of(entropy), side.of(logits));
            });
            float ln4 = (float) Math.log(4);
            // at 1e4, neighbouring floats are a thousandth apart
            assertArrayEquals(new float[] {ln4, 0}, lab.read(losses), 1e-3f);
            assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f, -1.5f, 0, 0, 0, 0}, lab.read(dlogits), 1e-3f);
            assertArrayEquals(new float[] {ln4, 0}, lab.read(entropy), 1e-3f);
        }
    }

    /** k ids and probabilities for each row, with {@code mass} of the distribution between them. */
    private static Twin[] known(Lab lab, int rows, int k, int vocab, double mass) {
        int[] ids = new int[rows * k];
        float[] probabilities = new float[rows * k];
        for (int r = 0; r < rows; r++) {
            int[] distinct = lab.random().ints(0, vocab).distinct().limit(k).toArray();
            double[] shares = lab.random().doubles(k, 0.01, 1).toArray();
            double sum = Arrays.stream(shares).sum();
            for (int i = 0; i < k; i++) {
                ids[r * k + i] = distinct[i];
                probabilities[r * k + i] = (float) (mass * shares[i] / sum);
            }
        }
        return new Twin[] {lab.ints(rows, k, ids), lab.floats(rows, k, probabilities)};
    }

    @Test
    default void lossesAgainstDistributions() {
        for (int[] shape : List.of(
                new int[] {3, 2, 1}, new int[] {3, 16, 15}, new int[] {5, 33, 4}, new int[] {9, 1003, 64}, new int[] {
                    2, 9001, 64
                })) {
            for (double mass : new double[] {1, 0.9, 0.2}) {
                try (Lab lab = lab(110)) {
                    int rows = shape[0];
                    int vocab = shape[1];
                    Twin logits = lab.normal(rows, vocab);
                    Twin[] known = known(lab, rows, shape[2], vocab, mass);
                    Twin scales = lab.normal(rows, 1);
                    Twin losses = lab.normal(rows, 1);
                    Twin lossesOnly = lab.normal(rows, 1);
                    Twin dlogits = lab.normal(rows, vocab);
                    lab.run(side -> {
                        Device device = side.device();
                        device.softCrossEntropy(
                                side.of(losses),
                                side.of(dlogits),
                                side.of(logits),
                                side.of(known[0]),
                                side.of(known[1]),
                                side.of(scales));
                        device.softCrossEntropy(
                                side.of(lossesOnly), null, side.of(logits), side.of(known[0]), side.of(known[1]), null);
                    });
                    for (Twin result : List.of(losses, lossesOnly, dlogits)) {
                        lab.near(result, Lab.F32);
                    }
                    lab.same(logits);
                    lab.run(side -> side.device()
                            .softCrossEntropy(
                                    side.of(losses),
                                    side.of(side.tested() ? logits : dlogits),
                                    side.of(logits),
                                    side.of(known[0]),
                                    side.of(known[1]),
                                    side.of(scales)));
                    lab.near(new Twin(logits.tested(), dlogits.plain()), Lab.F32);
                }
            }
        }
    }

    @Test
    default void theRestOfADistributionIsExactHoweverSmall() {
        try (Lab lab = lab(111)) {
            // of the softmax the rest is 2e-13
            Twin logits = lab.floats(1, 4, 30, 1, 0, -2);
            Twin ids = lab.ints(1, 1, 0);
            Twin probabilities = lab.floats(1, 1, 0.75f);
            Twin scales = lab.floats(1, 1, 1);
            Twin losses = lab.normal(1, 1);
            Twin dlogits = lab.normal(1, 4);
            lab.run(side -> side.device()
                    .softCrossEntropy(
                            side.of(losses),
                            side.of(dlogits),
                            side.of(logits),
                            side.of(ids),
                            side.of(probabilities),
                            side.of(scales)));
            double rest = Math.log(Math.exp(1) + Math.exp(0) + Math.exp(-2));
            assertEquals(0.25 * (30 - rest), lab.read(losses)[0], 1e-5);
            assertEquals(-0.25 * Math.exp(1 - rest), lab.read(dlogits)[1], 1e-6);
            lab.near(dlogits, Lab.F32);
        }
    }

    /** Qwen 2.5's. */
    @Test
    default void wholeVocabularies() {
        int vocab = 152_064;
        try (Lab lab = lab(112)) {
            float[] values = lab.normals(2 * vocab);
            for (int i = 0; i < values.length; i++) {
                values[i] *= 3;
            }
            Twin logits = lab.floats(2, vocab, values);
            Twin labels = lab.column(2, vocab);
            Twin[] known = known(lab, 2, 64, vocab, 0.9);
            Twin scales = lab.normal(2, 1);
            Twin losses = lab.normal(2, 1);
            Twin softLosses = lab.normal(2, 1);
            Twin entropy = lab.normal(2, 1);
            Twin dlogits = lab.twin(DType.F32, 2, vocab);
            lab.run(side -> {
                Device device = side.device();
                device.crossEntropy(
                        side.of(losses), side.of(dlogits), side.of(logits), side.of(labels), side.of(scales));
                device.softCrossEntropy(
                        side.of(softLosses), null, side.of(logits), side.of(known[0]), side.of(known[1]), null);
                device.entropy(side.of(entropy), side.of(logits));
            });
            for (Twin result : List.of(losses, softLosses, dlogits, entropy)) {
                lab.near(result, Lab.F32);
            }
        }
    }

    @Test
    default void logitsAtTheEndsOfTheirRange() {
        try (Lab lab = lab(114)) {
            Twin logits = Contract.atTheEndsOfTheirRange(lab);
            Twin labels = lab.ints(3, 1, 0, 3, 4);
            Twin scales = lab.floats(3, 1, 1, 1, 1);
            Twin losses = lab.normal(3, 1);
            Twin dlogits = lab.normal(3, 5);
            Twin entropy = lab.normal(3, 1);
            lab.run(side -> {
                side.device()
                        .crossEntropy(
                                side.of(losses), side.of(dlogits), side.of(logits), side.of(labels), side.of(scales));
                side.device().entropy(side.of(entropy), side.of(logits));
            });
            assertArrayEquals(new float[3], lab.read(losses), 1e-6f);
            assertArrayEquals(new float[15], lab.read(dlogits), 1e-6f);
            assertArrayEquals(new float[3], lab.read(entropy), 1e-6f);
        }
    }

    @Test
    default void aRowIsComputedAloneAsAmongOthers() {
        try (Lab lab = lab(108)) {
            Device device = lab.device();
            Tensor logits = lab.normal(9, 515).tested();
            Tensor labels = lab.column(9, 515).tested();
            Tensor scales = lab.normal(9, 1).tested();
            Tensor losses = lab.normal(9, 1).tested();
            Tensor dlogits = lab.normal(9, 515).tested();
            Tensor entropy = lab.normal(9, 1).tested();
            device.crossEntropy(losses, dlogits, logits, labels, scales);
            device.entropy(entropy, logits);
            Twin[] known = known(lab, 9, 5, 515, 0.8);
            Tensor softLosses = lab.normal(9, 1).tested();
            Tensor softGradient = lab.normal(9, 515).tested();
            device.softCrossEntropy(softLosses, softGradient, logits, known[0].tested(), known[1].tested(), scales);
            for (int r = 0; r < 9; r++) {
                Tensor one = logits.rows(r, 1);
                Tensor value = lab.normal(1, 1).tested();
                Tensor gradient = lab.normal(1, 515).tested();
                device.crossEntropy(value, gradient, one, labels.rows(r, 1), scales.rows(r, 1));
                assertArrayEquals(device.read(losses.rows(r, 1)), device.read(value));
                assertArrayEquals(device.read(dlogits.rows(r, 1)), device.read(gradient));
                device.softCrossEntropy(
                        value,
                        gradient,
                        one,
                        known[0].tested().rows(r, 1),
                        known[1].tested().rows(r, 1),
                        scales.rows(r, 1));
                assertArrayEquals(device.read(softLosses.rows(r, 1)), device.read(value));
                assertArrayEquals(device.read(softGradient.rows(r, 1)), device.read(gradient));
                device.entropy(value, one);
                assertArrayEquals(device.read(entropy.rows(r, 1)), device.read(value));
            }
        }
    }

    @Test
    default void probabilitiesOfTheWrongShapeAreRefused() {
        try (Lab lab = lab(109)) {
            Device device = lab.device();
            Tensor logits = lab.normal(3, 5).tested();
            Tensor column = lab.normal(3, 1).tested();
            Tensor ids = lab.column(3, 5).tested();
            refused(() -> device.crossEntropy(column, column, logits, ids, column));
            refused(() -> device.crossEntropy(column, logits, logits, ids, null));
            refused(() -> device.crossEntropy(column, null, logits, column, null));
            refused(() -> device.crossEntropy(column.rows(0, 2), null, logits, ids, null));
            Tensor two = lab.ints(3, 2, new int[6]).tested();
            Tensor probabilities = lab.normal(3, 2).tested();
            refused(() -> device.softCrossEntropy(column, logits, logits, two, probabilities, null));
            refused(() -> device.softCrossEntropy(column, null, logits, two, column, null));
            refused(() -> device.softCrossEntropy(column, null, logits, probabilities, probabilities, null));
            refused(() -> device.softCrossEntropy(column, null, column, ids, column, null));
            refused(() -> device.logProbabilities(column, logits, ids.rows(0, 2)));
            refused(() -> device.logProbabilities(logits, logits, ids));
            refused(() -> device.entropy(column.rows(1, 2), logits));
        }
    }
}
