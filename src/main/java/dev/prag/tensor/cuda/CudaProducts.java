package dev.prag.tensor.cuda;

import dev.prag.tensor.DType;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.RowSource;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Weights, products, merging; see src/main/cuda/products.cu. */
final class CudaProducts {
    private final Core core;

    CudaProducts(Core core) {
        this.core = core;
    }

    Weight weight(MemorySegment data, DType stored, int out, int in, DType compute) {
        throw new UnsupportedOperationException();
    }

    Weight weight(RowSource source, int out, int in, DType compute) {
        throw new UnsupportedOperationException();
    }

    Weight merge(Weight base, Tensor slab, List<LoraSpan.Part> parts) {
        throw new UnsupportedOperationException();
    }

    void embed(Tensor out, Weight table, Tensor ids) {
        throw new UnsupportedOperationException();
    }

    void matmul(Tensor y, Tensor x, Weight w, Tensor bias) {
        throw new UnsupportedOperationException();
    }

    void matmulBackward(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        throw new UnsupportedOperationException();
    }

    void logitsBackward(Tensor dx, Tensor dlogits, Weight head) {
        throw new UnsupportedOperationException();
    }

    double norm(Weight w) {
        throw new UnsupportedOperationException();
    }
}
