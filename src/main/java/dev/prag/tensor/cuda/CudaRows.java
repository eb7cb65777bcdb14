package dev.prag.tensor.cuda;

import dev.prag.tensor.DType;
import dev.prag.tensor.Tensor;

/** Rows and elements, norms, rotary positions, gated units; see src/main/cuda/rows.cu. */
final class CudaRows {
    private static final String FAMILY = "rows";

    private final Core core;

    CudaRows(Core core) {
        this.core = core;
    }

    void fill(Tensor dst, float value) {
        long n = dst.size();
        if (n == 0) {
            return;
        }
        if (dst.dtype() == DType.F32) {
            core.queue().fill(core.out(dst), Float.floatToRawIntBits(value), n);
        } else {
            core.elements(FAMILY, "fill_bf16", n)
                    .pointer(core.out(dst))
                    .number(value)
                    .longInteger(n)
                    .go();
        }
    }

    void copy(Tensor dst, Tensor src) {
        if (dst.size() > 0) {
            core.queue().copy(core.out(dst), Core.at(src), 4 * dst.size());
        }
    }

    void gather(Tensor out, Tensor x, int[] which) {
        if (which.length > 0) {
            long table = core.queue().metadata().ints(which);
            core.rows(FAMILY, "gather_rows", which.length)
                    .pointer(core.out(out))
                    .pointer(Core.at(x))
                    .pointer(table)
                    .integer(x.cols())
                    .go();
        }
    }

    void scatterAdd(Tensor out, Tensor x, int[] which) {
        if (which.length > 0) {
            long table = core.queue().metadata().ints(which);
            core.rows(FAMILY, "scatter_add_rows", which.length)
                    .pointer(core.out(out))
                    .pointer(Core.at(x))
                    .pointer(table)
                    .integer(x.cols())
                    .go();
        }
    }

    void add(Tensor y, Tensor x) {
        if (y.size() > 0) {
            core.elements(FAMILY, "add_f32", y.size())
                    .pointer(core.out(y))
                    .pointer(Core.at(x))
                    .longInteger(y.size())
                    .go();
        }
    }

    void rmsNorm(Tensor out, Tensor x, Tensor gain, float eps) {
        if (x.rows() > 0) {
            core.rows(FAMILY, "rms_norm", x.rows())
                    .pointer(core.out(out))
                    .pointer(core.rounded().beside(out))
                    .pointer(Core.at(x))
                    .pointer(Core.at(gain))
                    .integer(x.cols())
                    .number(eps)
                    .go();
        }
    }

    void rmsNormBackward(Tensor dx, Tensor dout, Tensor x, Tensor gain, float eps) {
        if (x.rows() > 0) {
            core.rows(FAMILY, "rms_norm_backward", x.rows())
                    .pointer(core.out(dx))
                    .pointer(Core.at(dout))
                    .pointer(Core.at(x))
                    .pointer(Core.at(gain))
                    .integer(x.cols())
                    .number(eps)
                    .go();
        }
    }

    /** @param sign -1 for the opposite rotation */
    void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin, int headDim, float sign) {
        if (x.size() > 0) {
            core.rows(FAMILY, "rope", x.rows())
                    .pointer(core.out(x))
                    .pointer(Core.at(positions))
                    .pointer(Core.at(cos))
                    .pointer(Core.at(sin))
                    .integer(cos.rows())
                    .integer(x.cols() / headDim)
                    .integer(headDim / 2)
                    .number(sign)
                    .go();
        }
    }

    void swiglu(Tensor out, Tensor gate, Tensor up) {
        long n = out.size();
        if (n > 0) {
            core.elements(FAMILY, "swiglu", n)
                    .pointer(core.out(out))
                    .pointer(core.rounded().beside(out))
                    .pointer(Core.at(gate))
                    .pointer(Core.at(up))
                    .longInteger(n)
                    .go();
        }
    }

    void swigluBackward(Tensor dgate, Tensor dup, Tensor dout, Tensor gate, Tensor up) {
        long n = dout.size();
        if (n > 0) {
            core.elements(FAMILY, "swiglu_backward", n)
                    .pointer(core.out(dgate))
                    .pointer(core.out(dup))
                    .pointer(Core.at(dout))
                    .pointer(Core.at(gate))
                    .pointer(Core.at(up))
                    .longInteger(n)
                    .go();
        }
    }
}
