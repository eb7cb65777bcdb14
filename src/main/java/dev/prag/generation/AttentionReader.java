package dev.prag.generation;

import dev.prag.base.UserException;
import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.DecoderWorkspace;
import dev.prag.llm.KvCache;
import dev.prag.llm.Segment;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads what a model thought while it wrote the end of a text: how uncertain it was before each token, and where the last
 * layer looked. The text is computed anew, over a cache that exists for one call. One text at a time; callers wait for
 * each other.
 */
public final class AttentionReader implements AutoCloseable {
    /** Tokens that may be read at once. */
    public static final int MOST = 255;

    private static final int LOGIT_ROWS = 64;
    private static final int BLOCK_SIZE = 16;

    private final Decoder decoder;
    private final Device device;
    private final DecoderWorkspace workspace;
    private final Tensor entropies;

    public AttentionReader(Decoder decoder) {
        this.decoder = decoder;
        device = decoder.device();
        int rows = Math.min(MOST + 1, decoder.context());
        workspace = decoder.newWorkspace(rows, Math.min(LOGIT_ROWS, rows));
        entropies = device.allocate(DType.F32, workspace.maxLogitRows(), 1);
    }

    /**
     * What was read of the tokens from {@code first} on.
     *
     * @param entropies in nats, of the distribution that each token was chosen from
     * @param weights the last layer's attention weights: row h*(tokens + 1) + i is how the position first - 1 + i looks
     *     at all positions of the text under head h
     * @param heads of attention
     * @param positions tokens of the whole text
     */
    public record Reading(int first, float[] entropies, float[] weights, int heads, int positions) {
        /**
         * How much one position looks at another, on average over the heads.
         *
         * @param from at least {@code first} - 1
         */
        public double mean(int from, int at) {
            double sum = 0;
            for (int head = 0; head < heads; head++) {
                sum += weight(head, from, at);
            }
            return sum / heads;
        }

        /** How much a position at most is looked at from those behind it, on average over the heads; 0 for the last one. */
        public double strongest(int at) {
            double sum = 0;
            for (int head = 0; head < heads; head++) {
                float most = 0;
                for (int from = Math.max(at + 1, first - 1); from < positions; from++) {
                    most = Math.max(most, weight(head, from, at));
                }
                sum += most;
            }
            return sum / heads;
        }

        private float weight(int head, int from, int at) {
            int rows = positions - first + 1;
            return weights[(head * rows + from - first + 1) * positions + at];
        }
    }

    /**
     * Reads the tokens from {@code first} on.
     *
     * @param ids the whole text
     * @param first at least 1; at most {@link #MOST} tokens stand from there on
     * @param scoped the first position that the composition is in force for, before {@code first}
     * @throws UserException if the text is longer than the context
     */
    public synchronized Reading read(int[] ids, int first, Composition composition, int scoped) {
        int rows = ids.length - first + 1;
        if (first < 1 || rows < 2 || rows > workspace.maxRows() || scoped > first - 1) {
            throw new IllegalArgumentException(
                    "tokens from " + first + " of " + ids.length + " under a composition from " + scoped);
        }
        if (ids.length > decoder.context()) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    "the text has " + ids.length + " tokens and the context holds " + decoder.context());
        }
        return device.turns().first(() -> compute(ids, first, composition, scoped));
    }

    private Reading compute(int[] ids, int first, Composition composition, int scoped) {
        int blockCount = Math.ceilDiv(ids.length, BLOCK_SIZE);
        int[] blocks = IntStream.range(0, blockCount).toArray();
        int bare = composition.isEmpty() ? 0 : scoped;
        try (KvCache cache = decoder.newCache(blockCount, BLOCK_SIZE)) {
            forward(ids, 0, bare, Composition.NONE, blocks, cache);
            forward(ids, bare, first - 1, composition, blocks, cache);
            Batch last = batch(ids, first - 1, ids.length, composition, blocks);
            decoder.forward(last, workspace, cache);
            float[] weights = device.read(decoder.lastAttention(workspace, last, 0, cache));
            return new Reading(
                    first, entropies(last.rows() - 1), weights, decoder.config().heads(), ids.length);
        }
    }

    private void forward(int[] ids, int from, int to, Composition composition, int[] blocks, KvCache cache) {
        for (int at = from; at < to; at += workspace.maxRows()) {
            int end = Math.min(to, at + workspace.maxRows());
            decoder.forward(batch(ids, at, end, composition, blocks), workspace, cache);
        }
    }

    private static Batch batch(int[] ids, int from, int to, Composition composition, int[] blocks) {
        return new Batch(
                Arrays.copyOfRange(ids, from, to),
                List.of(new Segment(new Span(0, to - from, from, blocks), composition)));
    }

    private float[] entropies(int count) {
        float[] all = new float[count];
        for (int at = 0; at < count; at += workspace.maxLogitRows()) {
            int rows = Math.min(workspace.maxLogitRows(), count - at);
            Tensor logits =
                    decoder.logits(workspace, IntStream.range(at, at + rows).toArray());
            Tensor out = entropies.rows(0, rows);
            device.entropy(out, logits.rows(0, rows));
            System.arraycopy(device.read(out), 0, all, at, rows);
        }
        return all;
    }

    @Override
    public synchronized void close() {
        entropies.close();
        workspace.close();
    }
}
