package dev.prag.generation;

import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.DecoderWorkspace;
import dev.prag.llm.KvCache;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.stream.IntStream;

/** How far a merged copy is from the side branch. */
final class MergeCheck {
    /** Tokens that count in each row: the best ones of the side branch. */
    private static final int TOP = 20;

    private MergeCheck() {}

    /**
     * Runs rows both ways, and leaves the copy's keys and values in the cache.
     *
     * @param merged a copy of {@code base}
     * @param composed the rows with their composition
     * @param bare the same rows without
     * @return the largest difference of a log-probability
     */
    static float difference(Decoder base, Decoder merged, KvCache cache, Batch composed, Batch bare) {
        int rows = composed.rows();
        int[] all = IntStream.range(0, rows).toArray();
        try (DecoderWorkspace exact = base.newWorkspace(rows, rows);
                DecoderWorkspace copied = base.newWorkspace(rows, rows)) {
            base.forward(composed, exact, cache);
            merged.forward(bare, copied, cache);
            return difference(base.device(), base.logits(exact, all), merged.logits(copied, all));
        }
    }

    private static float difference(Device device, Tensor exact, Tensor copied) {
        int rows = exact.rows();
        int top = Math.min(TOP, exact.cols());
        try (Tensor best = device.allocate(DType.I32, rows, top);
                Tensor bestLogprobs = device.allocate(DType.F32, rows, top);
                Tensor labels = device.allocate(DType.I32, rows, 1);
                Tensor logprobs = device.allocate(DType.F32, rows, 1)) {
            device.topK(best, bestLogprobs, exact);
            int[] ids = device.readInts(best);
            float[] expected = device.read(bestLogprobs);
            float largest = 0;
            for (int place = 0; place < top; place++) {
                int column = place;
                int[] chosen = IntStream.range(0, rows)
                        .map(row -> ids[row * top + column])
                        .toArray();
                device.write(labels, chosen);
                device.logProbabilities(logprobs, copied, labels);
                float[] found = device.read(logprobs);
                for (int row = 0; row < rows; row++) {
                    largest = Math.max(largest, Math.abs(found[row] - expected[row * top + column]));
                }
            }
            return largest;
        }
    }
}
