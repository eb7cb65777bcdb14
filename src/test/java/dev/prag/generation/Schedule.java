package dev.prag.generation;

import dev.prag.generation.FaultyDevice.Fault;
import dev.prag.llm.Batch;
import dev.prag.tensor.SamplingRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Decides who joins, who is cancelled and what fails, by a seed and before each step. All of it happens on the engine's
 * thread, so the same seed makes the same schedule.
 */
final class Schedule implements Stepper {
    /**
     * A request.
     *
     * @param kind what it is compared by
     * @param onFinished gives back what it holds
     */
    record Joining(int kind, GenerationRequest request, Runnable onFinished) {}

    /** What became of a request. */
    final class Outcome implements TokenListener {
        final int kind;
        GenerationResult result;
        RuntimeException error;
        int ends;
        int finished;
        private Generation generation;
        private final int failAt;
        private int heard;

        private Outcome(int kind, int failAt) {
            this.kind = kind;
            this.failAt = failAt;
        }

        @Override
        public void onToken(int id, String text, float logprob) {
            if (++heard == failAt) {
                throw new Fault();
            }
        }

        @Override
        public void onRest(String text) {}

        @Override
        public void onDone(GenerationResult r) {
            result = r;
            ended(this);
        }

        @Override
        public void onError(RuntimeException e) {
            error = e;
            ended(this);
        }
    }

    private final Stepper below;
    private final Random random;
    private final Consumer<Integer> failAfter;
    private final Function<Random, Joining> source;
    final List<Outcome> outcomes = new ArrayList<>();
    private final List<Outcome> running = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private GenerationEngine engine;
    private int toCome;

    /**
     * @param failAfter makes the device fail after so many operations, -1 for never
     * @param source makes the next request, null if that isn't possible while others run
     */
    Schedule(Stepper below, Random random, Consumer<Integer> failAfter, Function<Random, Joining> source) {
        this.below = below;
        this.random = random;
        this.failAfter = failAfter;
        this.source = source;
    }

    /** Lets so many requests join, and waits for the end of all. */
    void run(GenerationEngine on, int requests) throws InterruptedException {
        synchronized (this) {
            engine = on;
            toCome = requests;
            join();
        }
        over.await();
    }

    private synchronized void join() {
        Joining next = source.apply(random);
        if (next != null) {
            toCome--;
            Outcome outcome = new Outcome(next.kind(), random.nextInt(12) == 0 ? 1 + random.nextInt(4) : 0);
            outcomes.add(outcome);
            running.add(outcome);
            outcome.generation = engine.submit(next.request(), outcome, () -> {
                outcome.finished++;
                next.onFinished().run();
            });
        }
    }

    private synchronized void ended(Outcome outcome) {
        outcome.ends++;
        running.remove(outcome);
        if (running.isEmpty()) {
            if (toCome > 0) {
                join();
            } else {
                over.countDown();
            }
        }
    }

    private synchronized void act() {
        while (toCome > 0 && random.nextInt(3) > 0) {
            join();
        }
        if (!running.isEmpty() && random.nextInt(8) == 0) {
            running.get(random.nextInt(running.size())).generation.cancel();
        }
    }

    @Override
    public Chosen step(Batch batch, int[] rows, Supplier<List<SamplingRow>> sampling, Outlook outlook) {
        if (over.getCount() == 0) {
            return below.step(batch, rows, sampling, outlook);
        }
        act();
        int dice = random.nextInt(20);
        if (dice == 0) {
            throw new Fault();
        }
        failAfter.accept(dice == 1 ? random.nextInt(40) : -1);
        try {
            Chosen chosen = below.step(batch, rows, sampling, outlook);
            if (dice == 2) {
                throw new Fault();
            }
            return chosen;
        } finally {
            failAfter.accept(-1);
        }
    }

    @Override
    public MergeStatistics merges() {
        return below.merges();
    }

    @Override
    public void close() {
        below.close();
    }
}
