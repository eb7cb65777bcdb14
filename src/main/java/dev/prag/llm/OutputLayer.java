package dev.prag.llm;

import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.Arrays;

/**
 * Final norm, output head and loss of chosen rows of the residual stream, forward and backward, some rows at a time, so
 * that logits of a large vocabulary need little memory.
 */
final class OutputLayer implements AutoCloseable {
    private final Decoder decoder;
    private final Device device;
    private final TrainingWorkspace ws;

    /** Tokens of a chunk's distributions, and numbers that belong to them; as wide as was asked for. */
    private Tensor tokens;

    private Tensor numbers;

    OutputLayer(Decoder decoder, TrainingWorkspace ws) {
        this.decoder = decoder;
        this.device = decoder.device();
        this.ws = ws;
    }

    /**
     * Cross-entropy of the labelled rows.
     *
     * @param dStream its gradient with respect to the stream is added to it; null where none is wanted
     */
    void crossEntropy(Backpropagation.Labels labels, Tensor stream, Tensor dStream) {
        int count = labels.rows().length;
        device.write(ws.labels.rows(0, count), labels.ids());
        device.write(ws.scales.rows(0, count), labels.scales());
        for (int from = 0; from < count; from += ws.chunkRows()) {
            int n = Math.min(ws.chunkRows(), count - from);
            int[] rows = Arrays.copyOfRange(labels.rows(), from, from + n);
            Tensor logits = logits(rows, stream);
            device.crossEntropy(
                    ws.losses.rows(from, n),
                    dStream == null ? null : logits,
                    logits,
                    ws.labels.rows(from, n),
                    ws.scales.rows(from, n));
            if (dStream != null) {
                backward(rows, dStream);
            }
        }
    }

    /**
     * Cross-entropy of rows against distributions.
     *
     * @param at where the first of their losses goes
     */
    void softCrossEntropy(Backpropagation.Distributions distributions, int at, Tensor stream, Tensor dStream) {
        int count = distributions.rows().length;
        int known = distributions.known();
        for (int from = 0; from < count; from += ws.chunkRows()) {
            int n = Math.min(ws.chunkRows(), count - from);
            int[] rows = Arrays.copyOfRange(distributions.rows(), from, from + n);
            widen(known);
            Tensor ids = tokens.rows(0, n);
            Tensor probabilities = numbers.rows(0, n);
            Tensor scales = ws.scales.rows(0, n);
            device.write(ids, Arrays.copyOfRange(distributions.ids(), from * known, (from + n) * known));
            device.write(
                    probabilities, Arrays.copyOfRange(distributions.probabilities(), from * known, (from + n) * known));
            device.write(scales, Arrays.copyOfRange(distributions.scales(), from, from + n));
            Tensor logits = logits(rows, stream);
            device.softCrossEntropy(ws.losses.rows(at + from, n), logits, logits, ids, probabilities, scales);
            backward(rows, dStream);
        }
    }

    /** The k most probable next tokens of the labelled rows, and what their labels score. */
    Backpropagation.Predictions predict(Backpropagation.Labels labels, Tensor stream, int k) {
        int count = labels.rows().length;
        int[] best = new int[count * k];
        float[] scores = new float[count * k];
        device.write(ws.labels.rows(0, count), labels.ids());
        for (int from = 0; from < count; from += ws.chunkRows()) {
            int n = Math.min(ws.chunkRows(), count - from);
            Tensor logits = logits(Arrays.copyOfRange(labels.rows(), from, from + n), stream);
            widen(k);
            device.topK(tokens.rows(0, n), numbers.rows(0, n), logits);
            device.logProbabilities(ws.losses.rows(from, n), logits, ws.labels.rows(from, n));
            System.arraycopy(device.readInts(tokens.rows(0, n)), 0, best, from * k, n * k);
            System.arraycopy(device.read(numbers.rows(0, n)), 0, scores, from * k, n * k);
        }
        return new Backpropagation.Predictions(best, scores, device.read(ws.losses.rows(0, count)));
    }

    private Tensor logits(int[] rows, Tensor stream) {
        Tensor chunk = ws.chunk.rows(0, rows.length);
        Tensor logits = ws.logits.rows(0, rows.length);
        device.gatherRows(chunk, stream, rows);
        decoder.head(logits, ws.normedChunk.rows(0, rows.length), chunk);
        return logits;
    }

    /** From the gradient of the chunk's logits, which stands in their place, to that of the stream. */
    private void backward(int[] rows, Tensor dStream) {
        Tensor chunk = ws.chunk.rows(0, rows.length);
        Tensor normed = ws.normedChunk.rows(0, rows.length);
        Tensor dChunk = ws.chunkGradient.rows(0, rows.length);
        device.logitsBackward(
                normed, ws.logits.rows(0, rows.length), decoder.weights().head());
        device.fill(dChunk, 0);
        device.rmsNormBackward(
                dChunk,
                normed,
                chunk,
                decoder.weights().finalNorm(),
                decoder.config().rmsNormEps());
        device.scatterAddRows(dStream, dChunk, rows);
    }

    /** Makes room for so many tokens a row. */
    private void widen(int width) {
        if (tokens == null || tokens.cols() != width) {
            close();
            tokens = device.allocate(DType.I32, ws.chunkRows(), width);
            numbers = device.allocate(DType.F32, ws.chunkRows(), width);
        }
    }

    @Override
    public void close() {
        if (tokens != null) {
            tokens.close();
            numbers.close();
            tokens = null;
            numbers = null;
        }
    }
}
