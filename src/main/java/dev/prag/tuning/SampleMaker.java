package dev.prag.tuning;

import dev.prag.answering.AnswerService;
import dev.prag.answering.Retrieved;
import dev.prag.augmentation.Augmentable;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.AugmentationSettings;
import dev.prag.augmentation.Augmented;
import dev.prag.augmentation.Augmenter;
import dev.prag.augmentation.Pair;
import dev.prag.base.UserException;
import dev.prag.corpus.Augmentations;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.PassageDraw;
import dev.prag.corpus.PassageText;
import dev.prag.parameterization.PassageAugmentations;
import dev.prag.parameterization.Recipe;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Draws passages of the corpus to tune on, and has questions made of them. */
@Singleton
public final class SampleMaker {
    /** A passage of the sample is drawn with what retrieval finds beside it, which is what disturbs it. */
    private static final int NEIGHBOURS = 3;
    /** Fewer passages say nothing. */
    static final int FEWEST = 4;

    private final Corpus corpus;
    private final PassageDraw draw;
    private final AnswerService answers;
    private final Augmentations augmentations;
    private final Augmenter augmenter;
    private final AugmentationModel model;

    @Inject
    SampleMaker(
            Corpus corpus,
            PassageDraw draw,
            AnswerService answers,
            Augmentations augmentations,
            Augmenter augmenter,
            AugmentationModel model) {
        this.corpus = corpus;
        this.draw = draw;
        this.answers = answers;
        this.augmentations = augmentations;
        this.augmenter = augmenter;
        this.model = model;
    }

    /** Passages that have pairs, in the order in which they were drawn, and what was made of each. */
    record Drawn(int asked, List<PassageText> passages, List<Augmentation> augmentations) {}

    /**
     * Draws passages and augments them as the recipe says; those that can't be are left out.
     *
     * @throws UserException if the corpus has too few
     */
    Drawn draw(Recipe recipe, Tuning.Settings settings, BooleanSupplier cancelled) {
        List<PassageText> passages = passages(settings);
        if (passages.size() < FEWEST) {
            throw new UserException("the corpus has " + passages.size() + " passages and tuning takes at least "
                    + FEWEST + "; ingest more documents");
        }
        Map<Long, Augmentation> made = augmented(recipe.augmentation(), passages, cancelled);
        List<PassageText> usable = new ArrayList<>();
        List<Augmentation> theirs = new ArrayList<>();
        for (int i = 0; i < passages.size(); i++) {
            Augmentation augmentation = made.get((long) i);
            if (augmentation != null && !augmentation.pairs().isEmpty()) {
                usable.add(passages.get(i));
                theirs.add(augmentation);
            }
        }
        return new Drawn(passages.size(), usable, theirs);
    }

    /** Whether a recipe asks for each question once, so that only what nothing learned asks for could be held back. */
    static boolean lacksParaphrases(AugmentationSettings settings) {
        return settings.questions() != null && settings.questions().paraphrases() == 0;
    }

    /** Other wordings of the questions of each passage, to be held back. */
    List<List<Pair>> paraphrases(Drawn drawn, AugmentationSettings settings, BooleanSupplier cancelled) {
        try (AugmentationModel.Use use = model.use()) {
            model.check(settings);
            return augmenter.paraphrase(
                    drawn.passages().stream()
                            .map(passage -> new Augmentable(
                                    passage.text(),
                                    LeasedPassage.unleased(0, passage).subject(),
                                    0))
                            .toList(),
                    drawn.augmentations().stream().map(Augmentation::pairs).toList(),
                    settings,
                    cancelled);
        }
    }

    /**
     * Holds questions back.
     *
     * @param paraphrases other wordings of each passage's questions, beside those that it has; empty for none
     * @throws UserException if too few can be held back
     */
    static TuningSample sample(Drawn drawn, List<List<Pair>> paraphrases) {
        List<Augmentation> all = new ArrayList<>();
        for (int i = 0; i < drawn.augmentations().size(); i++) {
            Augmentation own = drawn.augmentations().get(i);
            List<Pair> pairs = new ArrayList<>(own.pairs());
            if (!paraphrases.isEmpty()) {
                pairs.addAll(paraphrases.get(i));
            }
            all.add(new Augmentation(own.rewrites(), pairs, own.notes()));
        }
        TuningSample sample = TuningSample.of(drawn.passages(), all);
        if (drawn.passages().size() < FEWEST || sample.questions().isEmpty()) {
            throw new UserException(
                    "of " + drawn.asked() + " passages only " + drawn.passages().size()
                            + " have questions, of which " + sample.questions().size()
                            + " can be held back; let the recipe ask for more (augmentation.questions), or give pairs of your own");
        }
        return sample;
    }

    /** Passages of different texts, each with its neighbours. */
    private List<PassageText> passages(Tuning.Settings settings) {
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
            AugmentationSettings settings, Collection<PassageText> passages, BooleanSupplier cancelled) {
        PassageAugmentations kept = new PassageAugmentations(augmentations, augmenter, model, settings);
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
        try (AugmentationModel.Use use = model.use()) {
            model.check(settings);
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
