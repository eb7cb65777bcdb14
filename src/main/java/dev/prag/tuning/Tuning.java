package dev.prag.tuning;

import dev.prag.augmentation.Pair;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.parameterization.AnsweringSettings;
import dev.prag.parameterization.EncodingProgress;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.parameterization.Tuned;
import dev.prag.retrieval.Language;
import dev.prag.retrieval.RetrievalConfig;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Reception;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Tunes the recipe in force to its model and to the corpus. */
@Singleton
public final class Tuning {
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final SampleMaker samples;
    private final RetrievalConfig retrieval;
    private final TuningFiles files;
    /** Held while something is tuned. */
    private final Lock running = new ReentrantLock();

    private volatile boolean stopping;

    @Inject
    Tuning(ModelRuntime runtime, Recipes recipes, SampleMaker samples, RetrievalConfig retrieval, TuningFiles files) {
        this.runtime = runtime;
        this.recipes = recipes;
        this.samples = samples;
        this.retrieval = retrieval;
        this.files = files;
    }

    /**
     * How is searched.
     *
     * @param budget the time for it; what is under way when it is over is finished
     * @param passages of the sample
     * @param seed decides which
     */
    public record Settings(Duration budget, int passages, long seed) {
        /** Of the budget, when all training has to be done; the rest is for compositions. */
        private static final double TRAINING = 0.8;

        public Settings {
            if (passages < SampleMaker.FEWEST) {
                throw new UserException("passages " + passages + ": a sample has " + SampleMaker.FEWEST + " at least");
            }
            if (budget.isNegative() || budget.isZero()) {
                throw new UserException("budget " + budget + ": give a time, such as 20m");
            }
        }
    }

    /** Hears how it goes. */
    public interface Listener {
        /** What is being done, in a few words. */
        void doing(String what);

        /**
         * How far the training of one candidate is.
         *
         * @param what which, and on how many passages
         */
        void training(String what, EncodingProgress progress);

        /** A row of the table. */
        void row(TuningRow row);
    }

    /**
     * Searches for the best recipe.
     *
     * @param named the recipe's name
     * @throws CancellationException if the program is ending
     * @throws UserException if there are too few passages, or the model makes too few questions of them
     */
    public Recipe tune(Settings settings, String named, Listener listener) {
        running.lock();
        try {
            return search(settings, named, listener);
        } finally {
            running.unlock();
        }
    }

    /** Lets what is under way end before the model's memory goes. */
    void onShutdown(@Observes(notifyObserver = Reception.IF_EXISTS) ShutdownEvent event) {
        stopping = true;
        running.lock();
        running.unlock();
    }

    private Recipe search(Settings settings, String named, Listener listener) {
        long start = System.nanoTime();
        Recipe base = recipes.current();
        if (!base.trainsOnPairs()) {
            throw new UserException("recipe " + base.name()
                    + " trains on no pairs, and tuning asks what pairs ask; take a recipe with pairs");
        }
        listener.doing("augmenting a sample of " + settings.passages() + " passages");
        SampleMaker.Drawn drawn = samples.draw(base, settings, this::isStopping);
        String name = name(base, drawn);
        TuningJournal journal = files.journal(
                name,
                drawn.passages().stream()
                        .map(passage -> Hashes.sha256(passage.text()))
                        .toList());
        LeadingAdapters leading = files.adapters(name);
        TuningSample sample = sample(base, drawn, journal, listener);
        listener.doing("measuring; what was measured is kept in " + journal.file());
        try (CorpusTrials trials = new CorpusTrials(
                runtime,
                base,
                sample,
                Language.of(retrieval.language()),
                journal,
                leading,
                listener,
                this::isStopping)) {
            Tuner.Found found = new Tuner(trials, base, listener::row)
                    .search(
                            Candidates.of(base.training()),
                            sample.passages().size(),
                            seconds -> passed(start) + 1000 * seconds
                                    < settings.budget().toMillis() * Settings.TRAINING,
                            () -> passed(start) < settings.budget().toMillis());
            leading.clear();
            return base.found(
                    named,
                    found.candidate().training(),
                    found.parametric(),
                    found.combined(),
                    new Tuned(
                            runtime.folder().path().getFileName().toString(),
                            found.passages(),
                            found.questions(),
                            found.f1().closedBook(),
                            found.f1().inContext(),
                            found.f1().parametric(),
                            found.f1().combined(),
                            found.drift()));
        }
    }

    private boolean isStopping() {
        return stopping;
    }

    private static double passed(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    /** Another one for each model, recipe and sample. */
    private String name(Recipe base, SampleMaker.Drawn drawn) {
        Hashes.Builder key = Hashes.builder().add(runtime.modelId()).add(base.hash());
        // What decides answers without adapters, and isn't part of the recipe's hash.
        AnsweringSettings answering = base.answering();
        key.add(answering.topK()).add(answering.maxTokens()).add(answering.steps() ? 1 : 0);
        drawn.passages().forEach(passage -> key.add(passage.text()));
        drawn.augmentations().forEach(augmentation -> key.add(augmentation.hash()));
        return key.hex().substring(0, 16);
    }

    private TuningSample sample(Recipe base, SampleMaker.Drawn drawn, TuningJournal journal, Listener listener) {
        if (!SampleMaker.lacksParaphrases(base.augmentation())) {
            return SampleMaker.sample(drawn, List.of());
        }
        Optional<List<List<Pair>>> kept = journal.paraphrases();
        if (kept.isPresent()) {
            return SampleMaker.sample(drawn, kept.get());
        }
        listener.doing("saying its questions in other words, to hold these back");
        List<List<Pair>> made = samples.paraphrases(drawn, base.augmentation(), this::isStopping);
        journal.add(made);
        return SampleMaker.sample(drawn, made);
    }
}
