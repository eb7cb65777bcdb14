package dev.prag.bench;

import dev.prag.generation.EngineSettings;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.lora.Projection;
import dev.prag.training.Sample;
import dev.prag.training.StepListener;
import dev.prag.training.Trainer;
import dev.prag.training.TrainingJob;
import dev.prag.training.TrainingRecipe;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Answers, one after the other, and training on one device at one time: how fast each is alone and beside the other.
 * The whole of an answer counts, its prompt and all gaps between its tokens.
 */
final class BesidePart {
    private static final String PART = "beside";
    private static final int PROMPT = 64;
    private static final int PASSAGES = 2;
    private static final int SAMPLE = 128;
    private static final int EPOCHS = 1000;
    /** Rounds of training that a rate is taken from, unless they take too long. */
    private static final int ROUNDS = 3;

    private static final long SECOND = 1_000_000_000L;
    private static final long MOST_NANOS = 60 * SECOND;

    private BesidePart() {}

    static List<Figure> run(Subject subject, int runs, int tokens, int maxRows) throws Exception {
        TrainingRecipe recipe = new TrainingRecipe(
                2,
                32,
                EnumSet.of(Projection.GATE, Projection.UP, Projection.DOWN),
                3e-4f,
                EPOCHS,
                TrainingRecipe.LossOn.ALL,
                1);
        List<TrainingJob> jobs = new ArrayList<>();
        for (int i = 0; i < PASSAGES; i++) {
            jobs.add(new TrainingJob("passage " + i, List.of(new Sample(subject.ids(SAMPLE, i), 1)), null));
        }
        try (GenerationEngine engine = new GenerationEngine(subject.decoder(), EngineSettings.of(PROMPT + tokens, 1));
                Trainer trainer = new Trainer(subject.decoder(), maxRows)) {
            answers(engine, subject, tokens);
            double[] answerAlone = new double[runs];
            double[] alone = new double[runs];
            double[] beside = new double[runs];
            double[] answerBeside = new double[runs];
            for (int i = 0; i < runs; i++) {
                answerAlone[i] = answers(engine, subject, tokens);
                try (Training training = new Training(trainer, jobs, recipe)) {
                    alone[i] = training.rate(() -> Thread.sleep(1));
                    int[] answers = new int[1];
                    long began = System.nanoTime();
                    beside[i] = training.rate(() -> {
                        answer(engine, subject, tokens);
                        answers[0]++;
                    });
                    answerBeside[i] = (System.nanoTime() - began) / 1e9 / answers[0];
                }
            }
            Spread answered = Spread.of(answerAlone);
            Spread trained = Spread.of(alone);
            Spread trainedBeside = Spread.of(beside);
            Spread answeredBeside = Spread.of(answerBeside);
            return List.of(
                    Figure.of(PART, "an answer, alone", "tok/s", answered.per(tokens)),
                    Figure.of(PART, "an answer, beside training", "tok/s", answeredBeside.per(tokens))
                            .compared(answered.median() / answeredBeside.median(), "alone"),
                    Figure.of(PART, "training, alone", "tok/s", trained),
                    Figure.of(PART, "training, beside an answer", "tok/s", trainedBeside)
                            .compared(trainedBeside.median() / trained.median(), "alone"));
        }
    }

    /** Seconds of an answer, of as many as a second has time for. */
    private static double answers(GenerationEngine engine, Subject subject, int tokens) {
        int answers = 0;
        long began = System.nanoTime();
        long nanos;
        do {
            answer(engine, subject, tokens);
            answers++;
            nanos = System.nanoTime() - began;
        } while (nanos < SECOND);
        return nanos / 1e9 / answers;
    }

    private static void answer(GenerationEngine engine, Subject subject, int tokens) {
        engine.generate(GenerationRequest.greedy(subject.ids(PROMPT, 1), tokens).ignoringEos());
    }

    /** Training without an end, on a thread of its own, until closed. */
    private static final class Training implements AutoCloseable {
        private interface Work {
            void run() throws InterruptedException;
        }

        private final AtomicLong steps = new AtomicLong();
        private final Thread thread;
        private volatile boolean ended;

        Training(Trainer trainer, List<TrainingJob> jobs, TrainingRecipe recipe) throws InterruptedException {
            StepListener listener = (job, step, loss) -> steps.incrementAndGet();
            thread = Thread.ofPlatform().daemon().name("prag-bench-training").start(() -> {
                while (!ended) {
                    try {
                        trainer.train(jobs, recipe, null, listener, () -> ended);
                    } catch (CancellationException e) {
                        return;
                    }
                }
            });
            while (steps.get() == 0 && thread.isAlive()) {
                Thread.sleep(1);
            }
        }

        /** Tokens trained on in a second while the work runs again and again. */
        double rate(Work work) throws InterruptedException {
            long before = steps.get();
            long began = System.nanoTime();
            long trained;
            long nanos;
            do {
                work.run();
                trained = steps.get() - before;
                nanos = System.nanoTime() - began;
            } while (trained < ROUNDS * PASSAGES && nanos < MOST_NANOS);
            return trained * SAMPLE * 1e9 / nanos;
        }

        @Override
        public void close() throws InterruptedException {
            ended = true;
            thread.join();
        }
    }
}
