package dev.prag.tensor.cuda;

import dev.prag.tensor.Tensor;

/** Losses and probabilities; see src/main/cuda/probabilities.cu. */
final class CudaProbabilities {
    private final Core core;

    CudaProbabilities(Core core) {
        this.core = core;
    }

    void crossEntropy(Tensor losses, Tensor dlogits, Tensor logits, Tensor labels, Tensor scales) {
        throw new UnsupportedOperationException();
    }

    void softCrossEntropy(Tensor losses, Tensor dlogits, Tensor logits, Tensor ids, Tensor known, Tensor scales) {
        throw new UnsupportedOperationException();
    }

    void logProbabilities(Tensor out, Tensor logits, Tensor ids) {
        throw new UnsupportedOperationException();
    }

    void entropy(Tensor out, Tensor logits) {
        throw new UnsupportedOperationException();
    }
}
