package dev.prag.tensor.cuda;

import dev.prag.tensor.DType;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.RowSource;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Weights and what is done with them; products by cuBLAS, for one row, too. BF16 weights are multiplied with rounded
 * activations, F32 ones without TF32; I8 ones in {@link Int8Products}. See src/main/cuda/products.cu and quantise.cu.
 */
final class CudaProducts implements AutoCloseable {
    private static final String PRODUCTS = "products";
    private static final String QUANTISE = "quantise";

    /** Sums of squares that are added here. */
    private static final int NORM_BLOCKS = 1024;

    private final Core core;
    private final WeightLoader loader;
    private final Int8Products int8;
    private final CudaMerge merge;

    CudaProducts(Core core) {
        this.core = core;
        loader = new WeightLoader(core.context().compute());
        int8 = new Int8Products(core);
        merge = new CudaMerge(core);
    }

    // ---- weights ----

    Weight weight(MemorySegment data, DType stored, int out, int in, DType compute) {
        long rowBytes = (long) in * stored.bytes();
        return load(stored, out, in, compute, (row, rows, piece) -> {
            MemorySegment part = data.asSlice(row * rowBytes, rows * rowBytes);
            piece.copyFrom(part);
            if (data.isMapped()) {
                // Nothing reads the file's form again.
                part.unload();
            }
        });
    }

    Weight weight(RowSource source, int out, int in, DType compute) {
        long rowBytes = 4L * in;
        return load(DType.F32, out, in, compute, (row, rows, piece) -> {
            for (int i = 0; i < rows; i++) {
                source.read(row + i, piece.asSlice(i * rowBytes, rowBytes));
            }
        });
    }

    private CudaWeight load(DType stored, int out, int in, DType compute, WeightLoader.Filler filler) {
        long rowBytes = (long) in * stored.bytes();
        if (rowBytes > WeightLoader.PIECE_BYTES) {
            throw new IllegalArgumentException("weight: " + in + " columns are too many");
        }
        if (core.queue().isRecording()) {
            throw new IllegalStateException("weights are loaded at once, not inside of repeated operations");
        }
        return made(out, in, compute, weight -> {
            if (stored == compute) {
                loader.load(out, rowBytes, filler, new InPlace(weight));
                return;
            }
            long raw = core.pool().take(WeightLoader.PIECE_BYTES);
            try {
                loader.load(out, rowBytes, filler, new Converted(weight, stored, raw));
            } finally {
                // What is queued goes on using it; whoever takes it next queues behind.
                core.pool().giveBack(raw);
            }
        });
    }

    private interface Writer {
        void write(CudaWeight weight);
    }

    /** A weight; nothing is left of it if it can't be written. */
    private CudaWeight made(int out, int in, DType dtype, Writer writer) {
        CudaWeight weight = new CudaWeight(this, core.pool(), out, in, dtype);
        try {
            Int8Products.pad(core, weight);
            writer.write(weight);
            return weight;
        } catch (RuntimeException | Error e) {
            weight.close();
            throw e;
        }
    }

    /** Rows that are copied to where they stay. */
    private record InPlace(CudaWeight weight) implements WeightLoader.Target {
        @Override
        public long place(int row) {
            return weight.row(row);
        }

        @Override
        public void copied(int row, int rows) {}
    }

    /** Rows that are copied to one place, and from there rounded, widened or quantised before the next ones come. */
    private final class Converted implements WeightLoader.Target {
        private final CudaWeight weight;
        private final DType stored;
        private final long raw;

        Converted(CudaWeight weight, DType stored, long raw) {
            this.weight = weight;
            this.stored = stored;
            this.raw = raw;
        }

        @Override
        public long place(int row) {
            return raw;
        }

        @Override
        public void copied(int row, int rows) {
            switch (weight.dtype()) {
                case I8 ->
                    Int8Products.quantise(
                            core,
                            weight,
                            row,
                            rows,
                            raw,
                            switch (stored) {
                                case F32 -> "quantise_f32";
                                case BF16 -> "quantise_bf16";
                                default -> "quantise_half";
                            });
                case BF16 -> {
                    if (stored == DType.F32) {
                        elements("rows", "to_bf16", row, rows);
                    } else {
                        elements(QUANTISE, "half_to_bf16", row, rows);
                    }
                }
                default -> elements(QUANTISE, stored == DType.BF16 ? "bf16_to_f32" : "half_to_f32", row, rows);
            }
        }

        private void elements(String family, String kernel, int row, int rows) {
            long n = (long) rows * weight.in();
            core.elements(family, kernel, n)
                    .pointer(weight.row(row))
                    .pointer(raw)
                    .longInteger(n)
                    .go();
        }
    }

    LoadedWeights loaded() {
        return loader.loaded();
    }

    Weight merge(Weight base, Tensor slab, List<LoraSpan.Part> parts) {
        CudaWeight from = of(base);
        return made(from.out(), from.in(), from.dtype(), to -> merge.merge(to, from, slab, parts));
    }

    private CudaWeight of(Weight weight) {
        if (weight instanceof CudaWeight cuda && cuda.belongsTo(this)) {
            return cuda;
        }
        throw new IllegalArgumentException("the weight belongs to another device");
    }

    void embed(Tensor out, Weight table, Tensor ids) {
        CudaWeight w = of(table);
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
        CudaWeight w = of(weight);
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

    // ---- products ----

    void matmul(Tensor y, Tensor x, Weight weight, Tensor bias) {
        CudaWeight w = of(weight);
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
        CudaWeight w = of(weight);
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
        CudaWeight w = of(head);
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
        loader.close();
    }
}
