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
 * Reads the probabilities of a given text. Long texts run in chunks over a cache that exists for one call, so that
 * neither the activations nor the logits grow with the text. One text at a time; callers wait for each other.
 */
public final class Scorer implements AutoCloseable {
    private static final int CHUNK_ROWS = 256;
    private static final int LOGIT_ROWS = 64;
    private static final int BLOCK_SIZE = 16;
    private static final int[] NO_BLOCKS = {};

    private final Decoder decoder;
    private final Device device;
    private final DecoderWorkspace workspace;
    private final Tensor labels;
    private final Tensor logprobs;

    /**
     * What a text of n tokens scores.
     *
     * @param logprobs n - 1 natural log-probabilities: entry i is that of token i + 1 after the tokens 0 to i
     * @param top for each of the n positions the best next tokens; empty if none were asked for
     */
    public record Scores(float[] logprobs, List<Top> top) {}

    /** The most probable next tokens after a position, best first. */
    public record Top(int[] ids, float[] logprobs) {
        /** The first so many of them. */
        Top best(int count) {
            return count >= ids.length ? this : new Top(Arrays.copyOf(ids, count), Arrays.copyOf(logprobs, count));
        }
    }

    public Scorer(Decoder decoder) {
        this.decoder = decoder;
        device = decoder.device();
        int chunk = Math.min(CHUNK_ROWS, decoder.context());
        workspace = decoder.newWorkspace(chunk, Math.min(LOGIT_ROWS, chunk));
        labels = device.allocate(DType.I32, workspace.maxLogitRows(), 1);
        logprobs = device.allocate(DType.F32, workspace.maxLogitRows(), 1);
    }

    /**
     * Scores a text, all of it under one composition.
     *
     * @param ids its tokens, at least one
     * @param topK how many of the best next tokens are wanted at each position; may be 0
     * @throws UserException if there are no ids, more than the context holds, or one is not of the vocabulary
     */
    public Scores score(int[] ids, Composition composition, int topK) {
        return score(ids, composition, 0, topK);
    }

    /**
     * The same where the base model computes what stands before a position: for an answer behind a prompt of n tokens
     * and {@link dev.prag.lora.Scope#ANSWER} that is n - 1.
     *
     * @param scoped the first position that the composition is in force for, as {@link dev.prag.lora.Scope#from} says
     * @throws UserException as above
     */
    public synchronized Scores score(int[] ids, Composition composition, int scoped, int topK) {
        check(ids, topK);
        int wanted = topK > 0 ? ids.length : ids.length - 1;
        float[] scores = new float[ids.length - 1];
        Top[] top = new Top[topK > 0 ? ids.length : 0];
        int bare = composition.isEmpty() ? 0 : scoped;
        boolean split = bare > 0 && bare < ids.length;
        boolean cached = split || ids.length > workspace.maxRows();
        int blockCount = Math.ceilDiv(ids.length, BLOCK_SIZE);
        int[] blocks = cached ? IntStream.range(0, blockCount).toArray() : NO_BLOCKS;
        try (KvCache cache = cached ? decoder.newCache(blockCount, BLOCK_SIZE) : null;
                TopTensors best = topK > 0 ? new TopTensors(device, workspace.maxLogitRows(), topK) : null) {
            for (int from = 0; from < wanted; from += workspace.maxRows()) {
                int rows = Math.min(workspace.maxRows(), ids.length - from);
                int[] chunk = Arrays.copyOfRange(ids, from, from + rows);
                decoder.forward(
                        new Batch(chunk, segments(composition, bare - from, rows, from, blocks)), workspace, cache);
                int end = Math.min(from + rows, wanted);
                for (int at = from; at < end; at += workspace.maxLogitRows()) {
                    int count = Math.min(workspace.maxLogitRows(), end - at);
                    int first = at - from;
                    Tensor logits = decoder.logits(
                            workspace, IntStream.range(first, first + count).toArray());
                    readLabels(logits, ids, at, scores);
                    if (best != null) {
                        best.read(logits, top, at);
                    }
                }
            }
        }
        return new Scores(scores, List.of(top));
    }

    /** The rows of a chunk, the first {@code bare} of them without the composition. */
    private static List<Segment> segments(Composition composition, int bare, int rows, int position, int[] blocks) {
        if (bare <= 0 || bare >= rows) {
            return List.of(
                    new Segment(new Span(0, rows, position, blocks), bare <= 0 ? composition : Composition.NONE));
        }
        return List.of(
                new Segment(new Span(0, bare, position, blocks), Composition.NONE),
                new Segment(new Span(bare, rows - bare, position + bare, blocks), composition));
    }

    /** Reads the log-probabilities of the tokens that follow the positions from {@code at} on. */
    private void readLabels(Tensor logits, int[] ids, int at, float[] scores) {
        int count = Math.min(logits.rows(), scores.length - at);
        if (count == 0) {
            return;
        }
        Tensor next = labels.rows(0, count);
        Tensor out = logprobs.rows(0, count);
        device.write(next, Arrays.copyOfRange(ids, at + 1, at + 1 + count));
        device.logProbabilities(out, logits.rows(0, count), next);
        System.arraycopy(device.read(out), 0, scores, at, count);
    }

    private void check(int[] ids, int topK) {
        if (ids.length == 0) {
            throw new UserException("there are no ids: give at least one token");
        }
        if (ids.length > decoder.context()) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    "the text has " + ids.length + " tokens and the context holds " + decoder.context()
                            + ": shorten the text, or give --context " + ids.length
                            + " or more if the model allows it");
        }
        if (topK < 0 || topK > decoder.config().vocabSize()) {
            throw new UserException("top " + topK + ": must be between 0 and the size of the vocabulary, "
                    + decoder.config().vocabSize());
        }
        GenerationRequest.checkIds(ids, decoder.config().vocabSize());
    }

    @Override
    public synchronized void close() {
        labels.close();
        logprobs.close();
        workspace.close();
    }

    /** Where the device puts the best tokens of a group of rows. */
    record TopTensors(Device device, Tensor ids, Tensor logprobs) implements AutoCloseable {
        TopTensors(Device device, int rows, int k) {
            this(device, device.allocate(DType.I32, rows, k), device.allocate(DType.F32, rows, k));
        }

        void read(Tensor logits, Top[] top, int at) {
            int rows = logits.rows();
            int k = ids.cols();
            device.topK(ids.rows(0, rows), logprobs.rows(0, rows), logits);
            int[] best = device.readInts(ids.rows(0, rows));
            float[] scores = device.read(logprobs.rows(0, rows));
            for (int i = 0; i < rows; i++) {
                top[at + i] = new Top(
                        Arrays.copyOfRange(best, i * k, (i + 1) * k), Arrays.copyOfRange(scores, i * k, (i + 1) * k));
            }
        }

        @Override
        public void close() {
            ids.close();
            logprobs.close();
        }
    }
}
