package dev.prag.tensor.cuda;

import dev.prag.tensor.LoraBound;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Tensor;
import java.util.List;

/** Low-rank side branches; see src/main/cuda/lora.cu. */
final class CudaLora {
    private final Core core;

    CudaLora(Core core) {
        this.core = core;
    }

    void forward(Tensor y, Tensor x, Tensor slab, List<LoraSpan> spans) {
        throw new UnsupportedOperationException();
    }

    void backward(Tensor dx, Tensor grads, Tensor dy, Tensor x, Tensor slab, List<LoraSpan> spans) {
        throw new UnsupportedOperationException();
    }

    void bound(Tensor slab, List<LoraBound> bounds) {
        throw new UnsupportedOperationException();
    }
}
