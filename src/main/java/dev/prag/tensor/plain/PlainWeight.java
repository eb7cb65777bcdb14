package dev.prag.tensor.plain;

import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.RowSource;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/** A matrix W [out, in] with the exact values of its file, or quantised. */
final class PlainWeight implements Weight {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int out;
    private final int in;
    private final DType dtype;
    private double[] values;

    /** What I8 products are made of, or null. */
    private final QuantisedRows quantised;

    private PlainWeight(int out, int in, DType dtype, double[] values) {
        this.out = out;
        this.in = in;
        this.dtype = dtype;
        quantised = dtype == DType.I8 ? QuantisedRows.of(values, out, in) : null;
        this.values = quantised == null ? values : quantised.values();
    }

    static PlainWeight read(MemorySegment data, DType stored, int out, int in, DType compute) {
        double[] values = new double[Math.multiplyExact(out, in)];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (stored) {
                case F32 -> data.getAtIndex(FLOAT, i);
                case F16 -> Float.float16ToFloat(data.getAtIndex(SHORT, i));
                case BF16 -> BFloat16.value(data.getAtIndex(SHORT, i));
                case I32, I8 -> throw new IllegalArgumentException("files hold no integers as weights");
            };
        }
        return new PlainWeight(out, in, compute, values);
    }

    static PlainWeight read(RowSource rows, int out, int in, DType compute) {
        double[] values = new double[Math.multiplyExact(out, in)];
        MemorySegment row = MemorySegment.ofArray(new byte[Math.multiplyExact(in, Float.BYTES)]);
        for (int o = 0; o < out; o++) {
            rows.read(o, row);
            for (int i = 0; i < in; i++) {
                values[o * in + i] = row.getAtIndex(FLOAT, i);
            }
        }
        return new PlainWeight(out, in, compute, values);
    }

    /** W + Σ scale·BᵀA; B lies transposed, [rank, out]. */
    static PlainWeight merge(PlainWeight base, Tensor slab, List<LoraSpan.Part> parts) {
        double[] merged = base.values().clone();
        Matrix all = Matrix.of(slab);
        for (LoraSpan.Part part : parts) {
            Matrix a = all.part(part.a(), part.rank(), base.in);
            Matrix b = all.part(part.b(), part.rank(), base.out);
            for (int o = 0; o < base.out; o++) {
                for (int r = 0; r < part.rank(); r++) {
                    for (int i = 0; i < base.in; i++) {
                        merged[o * base.in + i] += part.scale() * b.get(r, o) * a.get(r, i);
                    }
                }
            }
        }
        return new PlainWeight(base.out, base.in, base.dtype, merged);
    }

    static PlainWeight of(Weight weight) {
        if (weight instanceof PlainWeight plain) {
            return plain;
        }
        throw new IllegalArgumentException("the weight belongs to another device");
    }

    /** The rows in int8, where {@link #dtype()} is I8. */
    QuantisedRows quantised() {
        values();
        return quantised;
    }

    /** The elements, row-major; of an I8 weight scale·q. */
    double[] values() {
        if (values == null) {
            throw new IllegalStateException("the weight was closed");
        }
        return values;
    }

    @Override
    public int out() {
        return out;
    }

    @Override
    public int in() {
        return in;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public void close() {
        values = null;
    }
}
