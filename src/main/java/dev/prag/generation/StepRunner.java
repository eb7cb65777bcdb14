package dev.prag.generation;

import dev.prag.generation.Scheduler.Work;
import dev.prag.llm.Batch;
import dev.prag.llm.Segment;
import dev.prag.tensor.DeviceLostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs what is planned for a step, and tells each sequence's listener what came of it: the next token, the end, or what
 * went wrong. On the engine's thread alone.
 */
final class StepRunner {
    /** Who hears of the steps and of the sequences that are over, on the same thread. */
    interface Books {
        /** A step was made with so many rows, after which so many tokens were chosen. */
        void stepped(int rows, int tokens);

        /** The sequence is over; its listener is told next. */
        void left(Sequence sequence);
    }

    private final Stepper stepper;
    private final Books books;

    StepRunner(Stepper stepper, Books books) {
        this.stepper = stepper;
        this.books = books;
    }

    /**
     * Runs the work as one batch. If that fails, each sequence by itself, so that only the one at fault ends.
     *
     * @param alone whether it is the work of one sequence, and no other one runs or waits
     */
    void step(List<Work> plan, boolean alone) {
        Stepper.Chosen chosen;
        try {
            chosen = compute(plan, alone);
        } catch (DeviceLostException e) {
            // It is nobody's fault, and there is no next step.
            throw e;
        } catch (RuntimeException e) {
            stepper.settle();
            if (plan.size() == 1) {
                fail(plan.getFirst().sequence(), e);
            } else {
                plan.forEach(w -> step(List.of(w), false));
            }
            return;
        }
        int next = 0;
        for (Work w : plan) {
            w.sequence().advance(w.rows());
            if (w.yields()) {
                Sequence s = w.sequence();
                deliver(s, chosen.ids()[next], chosen.logprobs()[next], chosen.top(next, s.request.topLogprobs()));
                next++;
            }
        }
    }

    private Stepper.Chosen compute(List<Work> plan, boolean alone) {
        int[] ids = new int[plan.stream().mapToInt(Work::rows).sum()];
        List<Segment> segments = new ArrayList<>(plan.size());
        int[] last = new int[plan.size()];
        List<Sequence> choosing = new ArrayList<>(plan.size());
        int row = 0;
        for (Work w : plan) {
            Sequence s = w.sequence();
            s.copyPending(w.rows(), ids, row);
            segments.addAll(s.segments(row, w.rows()));
            row += w.rows();
            if (w.yields()) {
                last[choosing.size()] = row - 1;
                choosing.add(s);
            }
        }
        Outlook outlook = new Outlook(
                plan.stream().allMatch(w -> w.sequence().decoding()),
                alone ? plan.getFirst().sequence() : null,
                choosing.stream().mapToInt(s -> s.request.topLogprobs()).max().orElse(0));
        Stepper.Chosen chosen = stepper.step(
                new Batch(ids, segments),
                Arrays.copyOf(last, choosing.size()),
                () -> choosing.stream().map(Sequence::samplingRow).toList(),
                outlook);
        books.stepped(ids.length, choosing.size());
        return chosen;
    }

    private void deliver(Sequence sequence, int id, float logprob, Scorer.Top top) {
        Finish finish;
        try {
            finish = sequence.accept(id, logprob, top);
        } catch (Throwable e) {
            fail(sequence, unchecked(e));
            return;
        }
        if (finish != null) {
            finish(sequence, finish);
        }
    }

    void finish(Sequence sequence, Finish finish) {
        try {
            String rest = sequence.transcript.rest();
            if (!rest.isEmpty()) {
                sequence.listener.onRest(rest);
            }
        } catch (Throwable e) {
            fail(sequence, unchecked(e));
            return;
        }
        GenerationResult result = sequence.transcript.result(finish);
        release(sequence);
        quietly(() -> sequence.listener.onDone(result));
        sequence.generation.complete(result);
    }

    void fail(Sequence sequence, RuntimeException error) {
        release(sequence);
        quietly(() -> sequence.listener.onError(error));
        sequence.generation.fail(error);
    }

    private void release(Sequence sequence) {
        books.left(sequence);
        quietly(sequence.onFinished);
    }

    /** What a caller's code throws when its request has ended already can only be told to the log. */
    private static void quietly(Runnable callback) {
        try {
            callback.run();
        } catch (Throwable e) {
            GenerationEngine.log().log(
                    System.Logger.Level.WARNING, "a listener failed at the end of its generation", e);
        }
    }

    /** A listener is a caller's code: whatever it throws concerns its own request only. */
    private static RuntimeException unchecked(Throwable e) {
        return e instanceof RuntimeException r ? r : new IllegalStateException("a token listener failed: " + e, e);
    }
}
