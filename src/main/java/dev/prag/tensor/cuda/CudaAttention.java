package dev.prag.tensor.cuda;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.List;

/** Attention and its cache; see src/main/cuda/attention.cu. */
final class CudaAttention {
    private final Core core;

    CudaAttention(Core core) {
        this.core = core;
    }

    void cacheWrite(KvLayer cache, Tensor k, Tensor v, List<Span> spans) {
        throw new UnsupportedOperationException();
    }

    void forward(Tensor out, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, List<Span> spans) {
        throw new UnsupportedOperationException();
    }

    void backward(
            Tensor dq,
            Tensor dk,
            Tensor dv,
            Tensor dout,
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionShape shape,
            KvLayer cache,
            List<Span> spans) {
        throw new UnsupportedOperationException();
    }

    void weights(Tensor out, Tensor q, Tensor k, AttentionShape shape, KvLayer cache, Span span) {
        throw new UnsupportedOperationException();
    }
}
