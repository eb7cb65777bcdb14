package dev.prag.tensor.cuda;

import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Tensor;
import java.util.List;

/** The best tokens, and the choice of the next; see src/main/cuda/sampling.cu. */
final class CudaSampling {
    private final Core core;

    CudaSampling(Core core) {
        this.core = core;
    }

    void topK(Tensor ids, Tensor logProbabilities, Tensor logits) {
        throw new UnsupportedOperationException();
    }

    void sample(Tensor ids, Tensor logProbabilities, Tensor logits, int vocab, List<SamplingRow> choices) {
        throw new UnsupportedOperationException();
    }
}
