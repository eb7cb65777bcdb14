package dev.prag.tensor.cuda;

import dev.prag.tensor.DType;
import dev.prag.tensor.LoadedWeights;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.RowSource;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Makes weights: out of a file's bytes, of rows, and by merging adapters into a copy; see src/main/cuda/quantise.cu. */
final class CudaWeights implements AutoCloseable {
    private static final String QUANTISE = "quantise";

    private final Core core;
    private final WeightLoader loader;
    private final CudaMerge merge;

    CudaWeights(Core core) {
        this.core = core;
        loader = new WeightLoader(core.context().compute());
        merge = new CudaMerge(core);
    }

    CudaWeight read(MemorySegment data, DType stored, int out, int in, DType compute) {
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

    CudaWeight read(RowSource source, int out, int in, DType compute) {
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

    CudaWeight merge(Weight base, Tensor slab, List<LoraSpan.Part> parts) {
        CudaWeight from = of(base);
        return made(from.out(), from.in(), from.dtype(), to -> merge.merge(to, from, slab, parts));
    }

    /** A weight that was made here. */
    CudaWeight of(Weight weight) {
        if (weight instanceof CudaWeight cuda && cuda.belongsTo(this)) {
            return cuda;
        }
        throw new IllegalArgumentException("the weight belongs to another device");
    }

    /** To be called when nothing is under way. */
    @Override
    public void close() {
        loader.close();
    }
}
