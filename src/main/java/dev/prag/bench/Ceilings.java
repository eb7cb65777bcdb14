package dev.prag.bench;

import dev.prag.lora.DecoderShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.cpu.CpuCeilings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The ceilings of this machine: measured once in a run, when a part first asks, and kept for the other parts. */
final class Ceilings implements AutoCloseable {
    private static final String PART = "ceilings";
    private static final long READ_BYTES = 1L << 30;
    private static final int LARGE_ROWS = 1024;
    private static final int LARGE = 4096;

    /** y [m, n] ← x [m, k] Wᵀ. */
    record Product(CpuCeilings.Type type, int m, int n, int k) {}

    private final CpuCeilings cpu;
    private final int runs;
    private final Map<Product, Double> seconds = new HashMap<>();
    private CpuCeilings.Reading memory;

    Ceilings(int threads, int runs) {
        cpu = new CpuCeilings(threads);
        this.runs = runs;
    }

    /** Memory read bandwidth in bytes a second, and the best rates of large products in flops a second. */
    List<Figure> figures() throws Exception {
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of(PART, "memory read", "GB/s", readBandwidth().times(1e-9)));
        for (CpuCeilings.Type type : CpuCeilings.Type.values()) {
            Spread best = best(new Product(type, LARGE_ROWS, LARGE, LARGE));
            String name = "product of %d rows with %d x %d, %s"
                    .formatted(LARGE_ROWS, LARGE, LARGE, type.name().toLowerCase(Locale.ROOT));
            figures.add(Figure.of(PART, name, type == CpuCeilings.Type.INT8 ? "GOP/s" : "GFLOP/s", best.times(1e-9)));
        }
        return figures;
    }

    private Spread readBandwidth() throws Exception {
        Spread read = Spread.seconds(2, Math.max(5, runs), reading()::run);
        return read.per(reading().bytes());
    }

    /** Memory read bandwidth at this moment, in bytes a second: the best of some readings. */
    double readOnce() throws Exception {
        return reading().bytes() / Spread.seconds(1, 5, reading()::run).min();
    }

    private CpuCeilings.Reading reading() {
        if (memory == null) {
            memory = cpu.reading(READ_BYTES);
        }
        return memory;
    }

    /** Flops a second of the better of two ways to share the product among the threads. */
    private Spread best(Product product) throws Exception {
        Spread best = null;
        for (CpuCeilings.Cut cut : CpuCeilings.Cut.values()) {
            try (CpuCeilings.Gemm gemm = cpu.gemm(product.type, product.m, product.n, product.k, cut)) {
                Spread rate = Spread.seconds(1, Math.max(3, runs), gemm::run).per(gemm.flops());
                best = best == null || rate.median() > best.median() ? rate : best;
            }
        }
        return best;
    }

    /** Seconds that a product takes at best, alone; measured once for each size. */
    private double seconds(Product product) throws Exception {
        Double known = seconds.get(product);
        if (known == null) {
            known = 2.0 * product.m * product.n * product.k / best(product).median();
            seconds.put(product, known);
        }
        return known;
    }

    /** Seconds that the forward products of all layers take at best, for so many rows. */
    double layersForward(Subject subject, int rows) throws Exception {
        double sum = 0;
        for (DecoderShape.Dims dims : subject.products().values()) {
            sum += seconds(new Product(type(subject), rows, dims.out(), dims.in()));
        }
        return sum * subject.config().layers();
    }

    /** Seconds that the backward products (dx ← dy·W) of all layers take at best. */
    double layersBackward(Subject subject, int rows) throws Exception {
        double sum = 0;
        for (DecoderShape.Dims dims : subject.products().values()) {
            sum += seconds(new Product(type(subject), rows, dims.in(), dims.out()));
        }
        return sum * subject.config().layers();
    }

    /** Seconds that the output head takes at best, forward. */
    double headForward(Subject subject, int rows) throws Exception {
        return headSeconds(
                type(subject),
                rows,
                subject.config().vocabSize(),
                subject.config().hiddenSize());
    }

    /** Seconds that the output head takes at best, backward. */
    double headBackward(Subject subject, int rows) throws Exception {
        // The gradients of logits are not quantised.
        CpuCeilings.Type type = subject.dtype() == DType.I8 ? CpuCeilings.Type.BF16 : type(subject);
        return headSeconds(
                type, rows, subject.config().hiddenSize(), subject.config().vocabSize());
    }

    /** Measured for fewer rows where the logits would be large: the rate is the same. */
    private double headSeconds(CpuCeilings.Type type, int rows, int n, int k) throws Exception {
        int measured = Math.min(rows, 512);
        return seconds(new Product(type, measured, n, k)) * rows / measured;
    }

    /** Of the products of a model, forward and backward. */
    private static CpuCeilings.Type type(Subject subject) {
        return switch (subject.dtype()) {
            case F32 -> CpuCeilings.Type.F32;
            case I8 -> CpuCeilings.Type.INT8;
            default -> CpuCeilings.Type.BF16;
        };
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
        cpu.close();
    }
}
