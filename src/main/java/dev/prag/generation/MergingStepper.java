package dev.prag.generation;

import dev.prag.generation.MergePolicy.Choice;
import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.Segment;
import dev.prag.lora.Composition;
import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Span;
import java.util.List;
import java.util.function.Supplier;

/**
 * Steps of a decoder that merges a composition into a copy of its weights while one sequence writes much under it, so
 * that its tokens need no side branch.
 *
 * <p>The copy computes a step if every row of that continues a sequence of its composition; prompts, and steps with
 * others, go through the side branch. So the rows that it writes stand behind the prompts, where each sequence has
 * blocks of its own, and none is ever found by a sequence that begins alike; and they stand where the composition is in
 * force, whatever its scope. It is made when no other sequence runs or
 * waits, and given up at the first step without its composition.
 */
final class MergingStepper implements Stepper {
    /** Rows over which a copy is compared with the side branch. */
    private static final int CHECKED_ROWS = 16;

    private record Copy(Composition composition, Decoder decoder) {}

    private final DecoderStepper below;
    private final MergeCosts costs;
    private final MergePolicy policy;
    private volatile MergeStatistics merges = MergeStatistics.NONE;
    private Copy copy;
    private boolean failed;

    /** Takes over the stepper below. */
    MergingStepper(DecoderStepper below, MergeSettings settings, MergeCosts costs) {
        this.below = below;
        this.costs = costs;
        policy = new MergePolicy(settings, costs, below.decoder()::mergedBytes);
    }

    @Override
    public Chosen step(Batch batch, int[] rows, Supplier<List<SamplingRow>> sampling, Outlook outlook) {
        if (copy != null && batch.segments().stream().noneMatch(this::ofCopy)) {
            release();
        }
        switch (choose(outlook)) {
            case MEASURE -> {
                return measured(batch, rows, sampling, outlook.topLogprobs());
            }
            case MERGE -> merge(outlook.lone());
            case SIDE_BRANCH -> {}
        }
        if (copy == null || !outlook.continuing() || !batch.segments().stream().allMatch(this::ofCopy)) {
            return below.step(batch, rows, sampling, outlook);
        }
        Chosen chosen = below.step(copy.decoder, bare(batch), rows, sampling, outlook.topLogprobs());
        merges = merges.plus(0, 0, rows.length);
        return chosen;
    }

    @Override
    public void settle() {
        below.settle();
    }

    @Override
    public void forget() {
        release();
    }

    @Override
    public MergeStatistics merges() {
        return merges;
    }

    @Override
    public void close() {
        release();
        below.close();
    }

    private boolean ofCopy(Segment segment) {
        return segment.composition().equals(copy.composition);
    }

    private Choice choose(Outlook outlook) {
        if (copy != null || outlook.lone() == null || !outlook.continuing()) {
            return Choice.SIDE_BRANCH;
        }
        Sequence lone = outlook.lone();
        Composition composition = lone.request.composition();
        return composition.isEmpty() ? Choice.SIDE_BRANCH : policy.next(composition, lone.remaining());
    }

    /** The step without its side branch, and then as it should be: that writes over what the first has written. */
    private Chosen measured(Batch batch, int[] rows, Supplier<List<SamplingRow>> sampling, int topLogprobs) {
        Decoder decoder = below.decoder();
        long start = System.nanoTime();
        below.step(decoder, bare(batch), rows, sampling, topLogprobs);
        long between = System.nanoTime();
        Chosen chosen = below.step(decoder, batch, rows, sampling, topLogprobs);
        costs.pair((System.nanoTime() - between) / 1e9, (between - start) / 1e9);
        return chosen;
    }

    /** Makes a copy for the sequence, if it holds what the settings ask for over the last rows of its text. */
    private void merge(Sequence sequence) {
        Composition composition = sequence.request.composition();
        Batch composed = tail(sequence);
        Decoder merged = null;
        try {
            long start = System.nanoTime();
            merged = below.decoder().merged(composition);
            float difference = MergeCheck.difference(below.decoder(), merged, below.cache(), composed, bare(composed));
            policy.merged(composition, (System.nanoTime() - start) / 1e9);
            if (policy.holds(difference)) {
                copy = new Copy(composition, merged);
                merges = merges.plus(1, 0, 0);
            } else {
                merges = merges.plus(0, 1, 0);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            tell(e);
        }
        if (copy == null) {
            policy.refuse(composition);
            if (merged != null) {
                merged.close();
            }
            // What the copy has written of its rows goes.
            below.write(composed);
        }
    }

    /** The last rows that a sequence has written, up to the one that its next token is chosen from. */
    private Batch tail(Sequence sequence) {
        int[] ids = sequence.tail(Math.min(CHECKED_ROWS, below.maxRows()));
        Span span = new Span(0, ids.length, sequence.computed() + 1 - ids.length, sequence.blocks());
        return new Batch(ids, List.of(new Segment(span, sequence.request.composition())));
    }

    private static Batch bare(Batch batch) {
        return new Batch(
                batch.ids(),
                batch.segments().stream()
                        .map(segment -> new Segment(segment.span(), Composition.NONE))
                        .toList());
    }

    private void release() {
        if (copy != null) {
            copy.decoder.close();
            copy = null;
        }
    }

    private void tell(Throwable error) {
        if (!failed) {
            failed = true;
            System.getLogger(MergingStepper.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "merging adapters into a copy of the weights failed; going on without (told once)",
                            error);
        }
    }
}
