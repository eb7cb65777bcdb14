package dev.prag.llm;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;

/**
 * One block of device memory that is cut anew for every batch: layer after layer, what a layer computes for so many rows
 * besides its input and output. Fewer rows leave room for more layers.
 */
final class ActivationArena implements AutoCloseable {
    /** Tensors begin at multiples of so many elements. */
    private static final int GRANULE = 64;

    private final ModelConfig config;
    private final AttentionShape attention;
    private final Tensor memory;

    /** @param floats elements that are to fit, all layers together */
    ActivationArena(Device device, ModelConfig config, long floats) {
        this.config = config;
        attention = Decoder.attentionShape(config);
        // Seven tensors a layer may each be rounded up.
        long slack = 7L * GRANULE * config.layers();
        memory = device.allocate(DType.F32, Math.toIntExact((floats + slack) / GRANULE + 1), GRANULE);
    }

    /** Elements that fit. */
    long size() {
        return memory.size() - 7L * GRANULE * config.layers();
    }

    /**
     * The activations at a place.
     *
     * @param place counted from 0, each as large as this number of rows makes it
     */
    Activations at(int place, int rows, Tensor in, Tensor normed, Tensor activated, Tensor out) {
        Cut cut = new Cut(rows);
        long each = 2 * cut.length(attention.queryCols())
                + 2 * cut.length(attention.kvCols())
                + cut.length(config.hiddenSize())
                + 2 * cut.length(config.intermediateSize());
        cut.next = place * each;
        return new Activations(
                in,
                normed,
                cut.take(attention.queryCols()),
                cut.take(attention.kvCols()),
                cut.take(attention.kvCols()),
                cut.take(attention.queryCols()),
                cut.take(config.hiddenSize()),
                cut.take(config.intermediateSize()),
                cut.take(config.intermediateSize()),
                activated,
                out);
    }

    /** Takes tensor after tensor. */
    private final class Cut {
        private final int rows;
        /** In granules. */
        private long next;

        Cut(int rows) {
            this.rows = rows;
        }

        long length(int cols) {
            return Math.ceilDiv((long) rows * cols, GRANULE);
        }

        Tensor take(int cols) {
            int granules = Math.toIntExact(length(cols));
            Tensor place = memory.rows(Math.toIntExact(next), granules);
            next += granules;
            return place.reshape(rows, cols);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
