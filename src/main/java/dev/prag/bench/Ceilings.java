package dev.prag.bench;

import dev.prag.lora.DecoderShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.DeviceCeilings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The ceilings of a device: measured once in a run, when a part first asks, and kept for the other parts. */
final class Ceilings implements AutoCloseable {
    private static final String PART = "ceilings";
    private static final int LARGE_ROWS = 1024;
    private static final int LARGE = 4096;

    /** y [m, n] ← x [m, k] Wᵀ. */
    record Product(DeviceCeilings.Type type, int m, int n, int k) {}

    private final DeviceCeilings device;
    private final int runs;
    private final Map<Product, Double> seconds = new HashMap<>();
    private DeviceCeilings.Work memory;

    /** @param device to be closed with this */
    Ceilings(DeviceCeilings device, int runs) {
        this.device = device;
        this.runs = runs;
    }

    /** Memory bandwidth in bytes a second, the best rates of large products in flops a second, what starting costs. */
    List<Figure> figures() throws Exception {
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of(PART, device.memoryName(), "GB/s", bandwidth().times(1e-9)));
        for (DeviceCeilings.Type type : DeviceCeilings.Type.values()) {
            Spread best = best(new Product(type, LARGE_ROWS, LARGE, LARGE));
            String name = "product of %d rows with %d x %d, %s"
                    .formatted(LARGE_ROWS, LARGE, LARGE, type.name().toLowerCase(Locale.ROOT));
            figures.add(
                    Figure.of(PART, name, type == DeviceCeilings.Type.INT8 ? "GOP/s" : "GFLOP/s", best.times(1e-9)));
        }
        for (DeviceCeilings.Launch launch : device.launches()) {
            try (DeviceCeilings.Work work = launch.work().make()) {
                Spread each = Spread.seconds(2, Math.max(5, runs), work::run).times(1e6 / work.amount());
                figures.add(Figure.of(PART, launch.name(), "us", each));
            }
        }
        return figures;
    }

    private Spread bandwidth() throws Exception {
        Spread through = Spread.seconds(2, Math.max(5, runs), memory()::run);
        return through.per(memory().amount());
    }

    /** Memory bandwidth at this moment, in bytes a second: the best of some times. */
    double bandwidthOnce() throws Exception {
        return memory().amount() / Spread.seconds(1, 5, memory()::run).min();
    }

    /** What {@link #bandwidthOnce} measures, in words. */
    String bandwidthName() {
        return device.memoryName() + " bandwidth";
    }

    private DeviceCeilings.Work memory() {
        if (memory == null) {
            memory = device.memory();
        }
        return memory;
    }

    /** Flops a second of the best way to compute the product. */
    private Spread best(Product product) throws Exception {
        Spread best = null;
        for (DeviceCeilings.Maker way : device.products(product.type, product.m, product.n, product.k)) {
            try (DeviceCeilings.Work work = way.make()) {
                Spread rate = Spread.seconds(1, Math.max(3, runs), work::run).per(work.amount());
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
        DeviceCeilings.Type type = subject.dtype() == DType.I8 ? DeviceCeilings.Type.BF16 : type(subject);
        return headSeconds(
                type, rows, subject.config().hiddenSize(), subject.config().vocabSize());
    }

    /** Measured for fewer rows where the logits would be large: the rate is the same. */
    private double headSeconds(DeviceCeilings.Type type, int rows, int n, int k) throws Exception {
        int measured = Math.min(rows, 512);
        return seconds(new Product(type, measured, n, k)) * rows / measured;
    }

    /** Of the products of a model, forward and backward. */
    private static DeviceCeilings.Type type(Subject subject) {
        return switch (subject.dtype()) {
            case F32 -> DeviceCeilings.Type.F32;
            case I8 -> DeviceCeilings.Type.INT8;
            default -> DeviceCeilings.Type.BF16;
        };
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
        device.close();
    }
}
