package dev.prag.tensor.cuda;

import dev.prag.tensor.AdamW;
import dev.prag.tensor.Tensor;
import java.util.List;

/** Steps of the optimiser; see src/main/cuda/training.cu. */
final class CudaTraining {
    private final Core core;

    CudaTraining(Core core) {
        this.core = core;
    }

    void adamW(
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoments,
            Tensor secondMoments,
            AdamW hyper,
            List<AdamW.Range> ranges) {
        throw new UnsupportedOperationException();
    }
}
