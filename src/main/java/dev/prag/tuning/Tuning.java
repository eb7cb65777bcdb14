package dev.prag.tuning;

import dev.prag.answering.AnswerService;
import dev.prag.answering.Retrieved;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.Augmented;
import dev.prag.augmentation.Augmenter;
import dev.prag.base.Hashes;
import dev.prag.base.Home;
import dev.prag.base.UserException;
import dev.prag.corpus.Augmentations;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.PassageDraw;
import dev.prag.corpus.PassageText;
import dev.prag.parameterization.AnsweringSettings;
import dev.prag.parameterization.EncodingProgress;
import dev.prag.parameterization.PassageAugmentations;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.parameterization.Tuned;
import dev.prag.retrieval.Language;
import dev.prag.retrieval.RetrievalConfig;
import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Tunes the recipe in force to its model and to the corpus. */
@Singleton
public final class Tuning {
    /** A passage of the sample is drawn with what retrieval finds beside it, which is what disturbs it. */
    private static final int NEIGHBOURS = 3;
    /** Fewer passages say nothing. */
    private static final int FEWEST = 4;

    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final Corpus corpus;
    private final PassageDraw draw;
    private final AnswerService answers;
    private final Augmentations augmentations;
    private final Augmenter augmenter;
    private final AugmentationModel augmentationModel;
    private final RetrievalConfig retrieval;
    private final Home home;

    @Inject
    Tuning(
            ModelRuntime runtime,
            Recipes recipes,
            Corpus corpus,
            PassageDraw draw,
            AnswerService answers,
            Augmentations augmentations,
            Augmenter augmenter,
            AugmentationModel augmentationModel,
            RetrievalConfig retrieval,
            Home home) {
        this.runtime = runtime;
        this.recipes = recipes;
        this.corpus = corpus;
        this.draw = draw;
        this.answers = answers;
        this.augmentations = augmentations;
        this.augmenter = augmenter;
        this.augmentationModel = augmentationModel;
        this.retrieval = retrieval;
        this.home = home;
    }

    /**
     * How is searched.
     *
     * @param budget the time for it; what is under way when it is over is finished
     * @param passages of the sample
     * @param seed decides which
     */
    public record Settings(Duration budget, int passages, long seed) {
        /** Of the budget, when no other way of training is tried any more, and when no other composition is. */
        private static final double EARLY = 0.65;

        public Settings {
            if (passages < FEWEST) {
                throw new UserException("passages " + passages + ": a sample has " + FEWEST + " at least");
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
     * @throws UserException if there are too few passages, or the model makes too few questions of them
     */
    public Recipe tune(Settings settings, String named, Listener listener, BooleanSupplier cancelled) {
        long start = System.nanoTime();
        Recipe base = recipes.current();
        if (!base.trainsOnPairs()) {
            throw new UserException("recipe " + base.name()
                    + " trains on no pairs, and tuning asks what pairs ask; take a recipe with pairs");
        }
        listener.doing("augmenting a sample of " + settings.passages() + " passages");
        TuningSample sample = sample(base, settings, cancelled);
        TuningJournal journal = TuningJournal.open(journal(base, sample));
        listener.doing("measuring; what was measured is kept in " + journal.file());
        try (CorpusTrials trials = new CorpusTrials(
                runtime, base, sample, Language.of(retrieval.language()), journal, listener, cancelled)) {
            Tuner.Found found = new Tuner(trials, base, listener::row)
                    .search(
                            Candidates.of(base.training()),
                            sample.passages().size(),
                            () -> passed(start) < settings.budget().toMillis() * Settings.EARLY,
                            () -> passed(start) < settings.budget().toMillis());
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

    private static double passed(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    /** A file for each model, recipe and sample. */
    private Path journal(Recipe base, TuningSample sample) {
        Hashes.Builder key = Hashes.builder().add(runtime.modelId()).add(base.hash());
        // What decides answers without adapters, and isn't part of the recipe's hash.
        AnsweringSettings answering = base.answering();
        key.add(answering.topK()).add(answering.maxTokens()).add(answering.steps() ? 1 : 0);
        sample.passages().forEach(passage -> key.add(passage.text()));
        sample.learned().forEach(learned -> key.add(learned.hash()));
        sample.questions().forEach(question -> key.add(question.question()).add(question.answer()));
        return home.path("tuning", key.hex().substring(0, 16) + ".jsonl");
    }

    private TuningSample sample(Recipe base, Settings settings, BooleanSupplier cancelled) {
        List<PassageText> passages = drawn(settings);
        if (passages.size() < FEWEST) {
            throw new UserException("the corpus has " + passages.size() + " passages and tuning takes at least "
                    + FEWEST + "; ingest more documents");
        }
        Map<Long, Augmentation> made = augmented(base, passages, cancelled);
        List<PassageText> usable = new ArrayList<>();
        List<Augmentation> theirs = new ArrayList<>();
        for (int i = 0; i < passages.size(); i++) {
            Augmentation augmentation = made.get((long) i);
            if (augmentation != null && !augmentation.pairs().isEmpty()) {
                usable.add(passages.get(i));
                theirs.add(augmentation);
            }
        }
        TuningSample sample = TuningSample.of(usable, theirs);
        if (usable.size() < FEWEST || sample.questions().isEmpty()) {
            throw new UserException(
                    "of " + passages.size() + " passages only " + usable.size()
                            + " have questions, of which " + sample.questions().size()
                            + " can be held back; let the recipe ask for more (augmentation.questions), or give pairs of your own");
        }
        return sample;
    }

    /** Passages of different texts, each with its neighbours. */
    private List<PassageText> drawn(Settings settings) {
        Map<String, String> ids = new LinkedHashMap<>();
        for (PassageText passage : corpus.passages(draw.draw(settings.passages(), settings.seed()))) {
            if (ids.size() >= settings.passages()) {
                break;
            }
            ids.putIfAbsent(passage.text(), passage.id());
            for (Retrieved neighbour : answers.find(passage.text(), NEIGHBOURS)) {
                if (ids.size() < settings.passages()) {
                    ids.putIfAbsent(neighbour.text(), neighbour.id());
                }
            }
        }
        return corpus.passages(ids.values());
    }

    private Map<Long, Augmentation> augmented(
            Recipe base, Collection<PassageText> passages, BooleanSupplier cancelled) {
        PassageAugmentations kept =
                new PassageAugmentations(augmentations, augmenter, augmentationModel, base.augmentation());
        List<LeasedPassage> all = new ArrayList<>();
        for (PassageText passage : passages) {
            all.add(LeasedPassage.unleased(all.size(), passage));
        }
        Map<Long, Augmentation> there = new TreeMap<>(kept.kept(all));
        List<LeasedPassage> missing = all.stream()
                .filter(passage -> !there.containsKey(passage.encodingId()))
                .toList();
        if (missing.isEmpty()) {
            return there;
        }
        try (AugmentationModel.Use use = augmentationModel.use()) {
            augmentationModel.check(base.augmentation());
            kept.make(
                    missing,
                    there,
                    new PassageAugmentations.Listener() {
                        @Override
                        public void failed(LeasedPassage passage, Augmented augmented) {
                            // It isn't part of the sample.
                        }

                        @Override
                        public void gone(LeasedPassage passage) {
                            // Nor is one that was deleted.
                        }
                    },
                    cancelled);
        }
        return there;
    }
}
