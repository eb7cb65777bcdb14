package dev.prag.tensor.cuda;

import dev.prag.tensor.Tensor;

/** Losses and probabilities; see src/main/cuda/probabilities.cu. */
final class CudaProbabilities {
    private static final String FAMILY = "probabilities";

    /** Threads of a row at most. */
    private static final int THREADS = 512;

    /** Columns of which a block's shared memory can hold a bit each, beside what else it holds. */
    private static final int MOST_COLUMNS = 45 << 13;

    private final Core core;

    CudaProbabilities(Core core) {
        this.core = core;
    }

    private Launch rows(String kernel, Tensor logits) {
        int threads = Math.min(THREADS, Math.ceilDiv(logits.cols(), 32) * 32);
        return core.launch(FAMILY, kernel).grid(logits.rows()).block(threads);
    }

    void crossEntropy(Tensor losses, Tensor dlogits, Tensor logits, Tensor labels, Tensor scales) {
        if (logits.rows() > 0) {
            rows("cross_entropy", logits)
                    .pointer(core.out(losses))
                    .pointer(core.out(dlogits))
                    .pointer(Core.at(logits))
                    .pointer(Core.at(labels))
                    .pointer(Core.at(scales))
                    .integer(logits.cols())
                    .go();
        }
    }

    void softCrossEntropy(Tensor losses, Tensor dlogits, Tensor logits, Tensor ids, Tensor known, Tensor scales) {
        int columns = logits.cols();
        if (columns > MOST_COLUMNS) {
            throw new IllegalArgumentException(
                    "softCrossEntropy over " + columns + " logits, of which a GPU takes " + MOST_COLUMNS);
        }
        if (logits.rows() > 0) {
            rows("soft_cross_entropy", logits)
                    .shared(4 * Math.ceilDiv(columns, 32))
                    .pointer(core.out(losses))
                    .pointer(core.out(dlogits))
                    .pointer(Core.at(logits))
                    .pointer(Core.at(ids))
                    .pointer(Core.at(known))
                    .pointer(Core.at(scales))
                    .integer(columns)
                    .integer(ids.cols())
                    .go();
        }
    }

    void logProbabilities(Tensor out, Tensor logits, Tensor ids) {
        if (logits.rows() > 0) {
            rows("log_probabilities", logits)
                    .pointer(core.out(out))
                    .pointer(Core.at(logits))
                    .pointer(Core.at(ids))
                    .integer(logits.cols())
                    .go();
        }
    }

    void entropy(Tensor out, Tensor logits) {
        if (logits.rows() > 0) {
            rows("entropy", logits)
                    .pointer(core.out(out))
                    .pointer(Core.at(logits))
                    .integer(logits.cols())
                    .go();
        }
    }
}
