package dev.prag.generation;

import dev.prag.llm.Segment;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A request on its way. Its tokens are the prompt and what was generated; those before {@code computed} have their keys
 * and values in the cache. It is prefilled until all are computed, which yields the next token; from then on exactly
 * one is not.
 */
final class Sequence {
    private static final int[] NONE = {};

    final GenerationRequest request;
    final TokenListener listener;
    final Runnable onFinished;
    final Generation generation = new Generation();
    final Transcript transcript;
    /** When it was admitted, as {@link System#nanoTime()} tells. */
    long admittedAt;

    private final Set<Integer> stopIds;
    private final Constraint constraint;
    private final int limit;
    private final SplittableRandom random;
    private final BitSet seen;
    private int[] seenIds = NONE;
    private double uniform;
    private int[] tokens;
    private int length;
    private int computed;
    private BlockTable blocks;

    /**
     * @param stopIds all that end it
     * @param limit most tokens to generate
     * @param constraint what its tokens keep to; null is nothing
     */
    Sequence(
            GenerationRequest request,
            Set<Integer> stopIds,
            int limit,
            Constraint constraint,
            TokenText text,
            TokenListener listener,
            Runnable onFinished) {
        this.request = request;
        this.stopIds = stopIds;
        this.limit = limit;
        this.constraint = constraint;
        this.listener = listener;
        this.onFinished = onFinished;
        transcript = new Transcript(text, new StopStrings(request.stopStrings()), limit);
        tokens = request.prompt();
        length = tokens.length;
        random = new SplittableRandom(request.sampling().seed());
        uniform = random.nextDouble();
        if (request.sampling().penalised()) {
            seen = new BitSet();
            for (int id : tokens) {
                seen.set(id);
            }
            seenIds = seen.stream().toArray();
        } else {
            seen = null;
        }
    }

    /** Positions of the cache that it needs at most: the last token generated is never fed back. */
    int positions() {
        return request.prompt().length + limit - 1;
    }

    /** Places of its blocks in the cache, in the order of its positions. */
    int[] blocks() {
        return blocks.places();
    }

    /** Gives it its blocks. */
    void admit(BlockTable table, long now) {
        blocks = table;
        admittedAt = now;
    }

    /** Takes its blocks; null if it has none. */
    BlockTable takeBlocks() {
        BlockTable taken = blocks;
        blocks = null;
        return taken;
    }

    int computed() {
        return computed;
    }

    /** Tokens that are known and not computed yet. */
    int pending() {
        return length - computed;
    }

    /** Tokens that it may still generate. */
    int remaining() {
        return limit - transcript.size();
    }

    /** The last of the tokens that it generated, at most so many. */
    int[] tail(int most) {
        return Arrays.copyOfRange(tokens, Math.max(request.prompt().length, length - most), length);
    }

    /** Whether the prompt is through, so that each step brings a token. */
    boolean decoding() {
        return transcript.size() > 0;
    }

    /** What the rows of its prompt that others may share are computed under. */
    Composition prefixComposition() {
        return request.scope() == Scope.ANSWER ? Composition.NONE : request.composition();
    }

    /**
     * Tokens of its prompt whose rows others may share: those that one composition computes, and never the last one, whose
     * row is needed to choose the next.
     */
    int sharable() {
        int most = request.prompt().length - 1;
        return request.scope() == Scope.ANSWER && !request.composition().isEmpty()
                ? Math.min(most, request.scoped())
                : most;
    }

    /**
     * Its next rows, which stand from {@code row} on in a batch: one segment, or two where the base model computes the
     * first of them and its composition the rest.
     */
    List<Segment> segments(int row, int rows) {
        List<Segment> segments = new ArrayList<>(2);
        Composition composition = request.composition();
        int scoped = request.scoped();
        int bare = Math.clamp(scoped - computed, 0, rows);
        if (bare > 0) {
            segments.add(new Segment(new Span(row, bare, computed, blocks()), Composition.NONE));
        }
        if (bare < rows) {
            segments.add(new Segment(new Span(row + bare, rows - bare, computed + bare, blocks()), composition));
        }
        return segments;
    }

    void copyPending(int rows, int[] to, int at) {
        System.arraycopy(tokens, computed, to, at, rows);
    }

    /** Passes over what others have computed for it, and returns how many positions that was. */
    int reuse() {
        int before = computed;
        computed = blocks.readable(computed);
        return computed - before;
    }

    /**
     * Rows of its prompt that it computes next: up to a multiple of the chunk, counted from the beginning of the
     * prompt, or to its end.
     *
     * @return 0 while another sequence computes the same rows
     */
    int nextRows(int chunk) {
        return blocks.claim(computed, Math.min(length, (computed / chunk + 1) * chunk));
    }

    /** Takes note that the next rows' keys and values are in the cache. */
    void advance(int rows) {
        computed += rows;
        blocks.written(computed);
    }

    /** How its next token is to be chosen; the same until {@link #accept}. Waits for what is allowed. */
    SamplingRow samplingRow() {
        return constraint == null ? freeRow() : freeRow().with(constraint.mask());
    }

    private SamplingRow freeRow() {
        Sampling s = request.sampling();
        if (s.temperature() == 0 && !s.penalised()) {
            return SamplingRow.GREEDY;
        }
        return new SamplingRow(s.temperature(), s.topK(), s.topP(), s.repetitionPenalty(), seenIds, uniform);
    }

    /**
     * Takes the token chosen, tells the listener, and returns why it ends here; null if it goes on.
     *
     * @param top the most probable tokens there; null where none were asked for
     */
    Finish accept(int id, float logprob, Scorer.Top top) {
        if (stopIds.contains(id)) {
            return Finish.STOP;
        }
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.min(2 * length, request.prompt().length + limit));
        }
        tokens[length++] = id;
        see(id);
        uniform = random.nextDouble();
        if (constraint != null) {
            constraint.accept(id, remaining() - 1);
        }
        listener.onToken(id, transcript.add(id, logprob), logprob, top);
        if (transcript.stopped() || (constraint != null && constraint.ends(remaining()))) {
            return Finish.STOP;
        }
        return transcript.full() ? Finish.LENGTH : null;
    }

    private void see(int id) {
        if (seen != null && !seen.get(id)) {
            seen.set(id);
            seenIds = Arrays.copyOf(seenIds, seenIds.length + 1);
            seenIds[seenIds.length - 1] = id;
        }
    }
}
