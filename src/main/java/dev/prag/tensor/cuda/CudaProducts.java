package dev.prag.tensor.cuda;

import dev.prag.tensor.DType;
import dev.prag.tensor.LoadedWeights;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.RowSource;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What is done with weights: products by cuBLAS, for one row, too. BF16 weights are multiplied with rounded
 * activations, F32 ones without TF32; I8 ones in {@link Int8Products}. See src/main/cuda/products.cu.
 */
final class CudaProducts implements AutoCloseable {
    private static final String PRODUCTS = "products";

    /** Sums of squares that are added here. */
    private static final int NORM_BLOCKS = 1024;

    private final Core core;
    private final CudaWeights weights;
    private final Int8Products int8;

    CudaProducts(Core core) {
        this.core = core;
        weights = new CudaWeights(core);
        int8 = new Int8Products(core);
    }

    Weight weight(MemorySegment data, DType stored, int out, int in, DType compute) {
        return weights.read(data, stored, out, in, compute);
    }

    Weight weight(RowSource source, int out, int in, DType compute) {
        return weights.read(source, out, in, compute);
    }

    Weight merge(Weight base, Tensor slab, List<LoraSpan.Part> parts) {
        return weights.merge(base, slab, parts);
    }

    LoadedWeights loaded() {
        return weights.loaded();
    }

    void embed(Tensor out, Weight table, Tensor ids) {
        CudaWeight w = weights.of(table);
        if (ids.rows() == 0) {
            return;
        }
        Launch launch = core.rows("rows", kernel("embed", w), ids.rows())
                .pointer(core.out(out))
                .pointer(w.rows());
        if (w.dtype() == DType.I8) {
            launch.pointer(w.scales(0));
        }
        launch.pointer(Core.at(ids)).integer(w.out()).integer(w.in());
        if (w.dtype() == DType.I8) {
            launch.integer(w.paddedIn());
        }
        launch.go();
    }

    private static String kernel(String name, CudaWeight w) {
        return switch (w.dtype()) {
            case I8 -> name + "_int8";
            case BF16 -> name + "_bf16";
            default -> name + "_f32";
        };
    }

    double norm(Weight weight) {
        CudaWeight w = weights.of(weight);
        int blocks = Math.min(w.out(), NORM_BLOCKS);
        long sums = core.pool().take(8L * blocks);
        try {
            Launch launch = core.rows(PRODUCTS, kernel("squares", w), blocks)
                    .pointer(sums)
                    .pointer(w.rows());
            if (w.dtype() == DType.I8) {
                launch.pointer(w.scales(0));
            }
            launch.integer(w.out()).integer(w.in());
            if (w.dtype() == DType.I8) {
                launch.integer(w.paddedIn());
            }
            launch.go();
            ByteBuffer parts = ByteBuffer.allocate(8 * blocks).order(ByteOrder.LITTLE_ENDIAN);
            core.queue().download(MemorySegment.ofBuffer(parts), sums);
            double sum = 0;
            for (int i = 0; i < blocks; i++) {
                sum += parts.getDouble(8 * i);
            }
            return Math.sqrt(sum);
        } finally {
            core.pool().giveBack(sums);
        }
    }

    void matmul(Tensor y, Tensor x, Weight weight, Tensor bias) {
        CudaWeight w = weights.of(weight);
        if (x.rows() == 0) {
            return;
        }
        if (w.dtype() == DType.I8) {
            int8.forward(y, x, w, bias);
            return;
        }
        long rows = w.rows();
        long input = input(x, w);
        long to = core.out(y);
        core.queue()
                .product(Product.forward(
                        to, Product.F32, input, rows, type(w), x.rows(), w.out(), w.in(), Product.COMPUTE_F32, false));
        if (bias != null) {
            // As an addition of its own the product is the same as without; to begin with the bias costs as much.
            core.columns(PRODUCTS, "add_bias", y.rows(), y.cols())
                    .pointer(to)
                    .pointer(Core.at(bias))
                    .integer(y.cols())
                    .go();
        }
    }

    void matmulBackward(Tensor dx, Tensor dy, Weight weight, boolean accumulate) {
        CudaWeight w = weights.of(weight);
        if (dy.rows() == 0) {
            return;
        }
        if (w.dtype() == DType.I8) {
            int8.backward(dx, dy, w, accumulate);
        } else {
            backward(dx, dy, w, accumulate);
        }
    }

    void logitsBackward(Tensor dx, Tensor dlogits, Weight head) {
        CudaWeight w = weights.of(head);
        if (dlogits.rows() == 0) {
            return;
        }
        if (w.dtype() == DType.I8) {
            int8.logitsBackward(dx, dlogits, w);
        } else {
            backward(dx, dlogits, w, false);
        }
    }

    private void backward(Tensor dx, Tensor dy, CudaWeight w, boolean accumulate) {
        long rows = w.rows();
        long input = input(dy, w);
        core.queue()
                .product(Product.backward(
                        core.out(dx),
                        input,
                        rows,
                        type(w),
                        dy.rows(),
                        w.out(),
                        w.in(),
                        Product.COMPUTE_F32,
                        accumulate));
    }

    /** What a weight is multiplied with: as it is, or rounded. */
    private long input(Tensor x, CudaWeight w) {
        return w.dtype() == DType.BF16 ? core.rounded().of(x) : Core.at(x);
    }

    private static int type(CudaWeight w) {
        return w.dtype() == DType.BF16 ? Product.BF16 : Product.F32;
    }

    /** To be called when nothing is under way. */
    @Override
    public void close() {
        weights.close();
    }
}
