package dev.prag.tensor.plain;

import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** What is read off logits: losses, log-probabilities, entropy, the best tokens, and a choice among them. */
final class PlainProbabilities {
    private PlainProbabilities() {}

    static void crossEntropy(Tensor lossTensor, Tensor dlogitTensor, Tensor logitTensor, Tensor labels, Tensor scales) {
        Matrix losses = Matrix.of(lossTensor);
        for (int r = 0; r < logitTensor.rows(); r++) {
            double[] logits = row(logitTensor, r);
            int label = Ids.at(labels, r, logits.length);
            double normaliser = Softmax.logSumExp(logits);
            losses.set(r, 0, normaliser - logits[label]);
            if (dlogitTensor != null) {
                Matrix dlogits = Matrix.of(dlogitTensor);
                double scale = Matrix.of(scales).get(r, 0);
                for (int c = 0; c < logits.length; c++) {
                    double probability = Math.exp(logits[c] - normaliser);
                    dlogits.set(r, c, scale * (c == label ? probability - 1 : probability));
                }
            }
        }
    }

    static void softCrossEntropy(
            Tensor lossTensor,
            Tensor dlogitTensor,
            Tensor logitTensor,
            Tensor idTensor,
            Tensor probabilityTensor,
            Tensor scales) {
        Matrix losses = Matrix.of(lossTensor);
        Matrix probabilities = Matrix.of(probabilityTensor);
        int k = idTensor.cols();
        for (int r = 0; r < logitTensor.rows(); r++) {
            double[] logits = row(logitTensor, r);
            double[] others = logits.clone();
            double normaliser = Softmax.logSumExp(logits);
            double rest = 1;
            double loss = 0;
            int[] ids = new int[k];
            for (int i = 0; i < k; i++) {
                ids[i] = Ids.at(idTensor, r * k + i, logits.length);
                others[ids[i]] = Double.NEGATIVE_INFINITY;
                rest -= probabilities.get(r, i);
                loss += probabilities.get(r, i) * (normaliser - logits[ids[i]]);
            }
            rest = Math.max(0, rest);
            double restNormaliser = Softmax.logSumExp(others);
            losses.set(r, 0, loss + rest * (normaliser - restNormaliser));
            if (dlogitTensor != null) {
                Matrix dlogits = Matrix.of(dlogitTensor);
                double scale = Matrix.of(scales).get(r, 0);
                for (int c = 0; c < logits.length; c++) {
                    double share = Math.exp(logits[c] - normaliser) - rest * Math.exp(others[c] - restNormaliser);
                    dlogits.set(r, c, scale * share);
                }
                for (int i = 0; i < k; i++) {
                    dlogits.add(r, ids[i], -scale * probabilities.get(r, i));
                }
            }
        }
    }

    static void logProbabilities(Tensor outTensor, Tensor logitTensor, Tensor ids) {
        Matrix out = Matrix.of(outTensor);
        for (int r = 0; r < out.rows(); r++) {
            double[] logits = row(logitTensor, r);
            out.set(r, 0, logits[Ids.at(ids, r, logits.length)] - Softmax.logSumExp(logits));
        }
    }

    static void entropy(Tensor outTensor, Tensor logitTensor) {
        Matrix out = Matrix.of(outTensor);
        for (int r = 0; r < out.rows(); r++) {
            double[] logits = row(logitTensor, r);
            double normaliser = Softmax.logSumExp(logits);
            double entropy = 0;
            for (double logit : logits) {
                double log = logit - normaliser;
                double probability = Math.exp(log);
                // the limit of p·ln p at 0 is 0
                entropy -= probability == 0 ? 0 : probability * log;
            }
            out.set(r, 0, entropy);
        }
    }

    static void topK(Tensor idTensor, Tensor logProbabilityTensor, Tensor logitTensor) {
        int[] ids = PlainMemory.integers(idTensor);
        Matrix logProbabilities = Matrix.of(logProbabilityTensor);
        for (int r = 0; r < logitTensor.rows(); r++) {
            double[] logits = row(logitTensor, r);
            double normaliser = Softmax.logSumExp(logits);
            int[] best = bestFirst(logits, logits.length);
            for (int i = 0; i < idTensor.cols(); i++) {
                ids[Math.toIntExact(idTensor.offset()) + r * idTensor.cols() + i] = best[i];
                logProbabilities.set(r, i, logits[best[i]] - normaliser);
            }
        }
    }

    static void sample(
            Tensor idTensor, Tensor logProbabilityTensor, Tensor logitTensor, int vocab, List<SamplingRow> rows) {
        int[] ids = PlainMemory.integers(idTensor);
        Matrix logProbabilities = Matrix.of(logProbabilityTensor);
        for (int r = 0; r < logitTensor.rows(); r++) {
            double[] logits = row(logitTensor, r);
            int id = choose(logits.clone(), vocab, rows.get(r));
            ids[Math.toIntExact(idTensor.offset()) + r] = id;
            logProbabilities.set(r, 0, logits[id] - Softmax.logSumExp(logits));
        }
    }

    private static int choose(double[] logits, int vocab, SamplingRow how) {
        for (int id : how.seen()) {
            double penalty = how.repetitionPenalty();
            logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
        }
        for (int id = 0; id < vocab; id++) {
            logits[id] = how.allows(id) ? logits[id] : Double.NEGATIVE_INFINITY;
        }
        int choices = how.choices(vocab);
        int[] best = bestFirst(logits, vocab);
        if (how.temperature() == 0) {
            return best[0];
        }
        double[] probabilities = new double[how.topK() == 0 ? choices : Math.min(how.topK(), choices)];
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = logits[best[i]] / how.temperature();
        }
        Softmax.inPlace(probabilities);
        int kept = reaching(probabilities, how.topP());
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            sum += probabilities[i];
        }
        double below = 0;
        for (int i = 0; i < kept - 1; i++) {
            below += probabilities[i];
            if (below > how.uniform() * sum) {
                return best[i];
            }
        }
        return best[kept - 1];
    }

    /** How many of the best tokens it takes for their probability to reach p: at least one. */
    private static int reaching(double[] probabilities, double p) {
        if (p == 1) {
            return probabilities.length;
        }
        double sum = 0;
        for (int i = 0; i < probabilities.length; i++) {
            sum += probabilities[i];
            if (sum >= p) {
                return i + 1;
            }
        }
        return probabilities.length;
    }

    /** The ids below {@code vocab}, best logit first, the lower id first among equals. */
    private static int[] bestFirst(double[] logits, int vocab) {
        Integer[] order = new Integer[vocab];
        Arrays.setAll(order, i -> i);
        // the sort is stable, so equals keep their order
        Arrays.sort(order, (a, b) -> Double.compare(logits[b], logits[a]));
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }

    private static double[] row(Tensor tensor, int row) {
        Matrix matrix = Matrix.of(tensor);
        return Arrays.copyOfRange(matrix.data(), matrix.start(row), matrix.start(row) + matrix.cols());
    }
}
