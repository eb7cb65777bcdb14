package dev.prag.parameterization;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.augmentation.Augmentable;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.AugmentationListener;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.AugmentationSettings;
import dev.prag.augmentation.Augmented;
import dev.prag.augmentation.Augmenter;
import dev.prag.augmentation.Making;
import dev.prag.augmentation.Pair;
import dev.prag.base.Hashes;
import dev.prag.corpus.Augmentations;
import dev.prag.corpus.LeasedPassage;
import dev.prag.documents.GivenPair;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * The augmentations of passages under one recipe: those that are kept, and new ones, each kept as soon as it is there.
 * Pairs that people gave with the documents come before what was made, and aren't kept with it, so that they may change.
 */
public final class PassageAugmentations {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Augmentations kept;
    private final Augmenter augmenter;
    private final AugmentationModel model;
    private final AugmentationSettings settings;
    private final String key;

    public PassageAugmentations(
            Augmentations kept, Augmenter augmenter, AugmentationModel model, AugmentationSettings settings) {
        this.kept = kept;
        this.augmenter = augmenter;
        this.model = model;
        this.settings = settings;
        this.key = key(model, settings);
    }

    /** What augmentations of that model and those settings are kept under, beside the text. */
    public static String key(AugmentationModel model, AugmentationSettings settings) {
        return Hashes.builder().add(model.id(settings)).add(settings.hash()).hex();
    }

    /** Hears what becomes of passages; from the thread that asked. */
    public interface Listener {
        /** So many of so many answers have come; from any thread. */
        default void answers(int answers, int all) {}

        /** The augmentation is kept. */
        default void made(LeasedPassage passage) {}

        /** The passage can't be augmented, and nobody gave pairs for it. */
        void failed(LeasedPassage passage, Augmented augmented);

        /** The passage was deleted meanwhile: nobody wants it any more. */
        void gone(LeasedPassage passage);
    }

    String key() {
        return key;
    }

    /** Those that are kept, by the row of the passage. */
    public Map<Long, Augmentation> kept(Collection<LeasedPassage> passages) {
        Map<String, List<GivenPair>> given = given(passages);
        Map<Long, Augmentation> augmentations = new TreeMap<>();
        for (LeasedPassage passage : passages) {
            Optional<String> json = kept.find(passage.textHash(), key);
            json.ifPresent(
                    body -> augmentations.put(passage.encodingId(), read(body).with(pairs(given, passage))));
        }
        return augmentations;
    }

    /**
     * Makes augmentations.
     *
     * @param into receives them, by the row of the passage
     */
    public void make(
            List<LeasedPassage> passages, Map<Long, Augmentation> into, Listener listener, BooleanSupplier cancelled) {
        if (passages.isEmpty()) {
            return;
        }
        int all = passages.size() * Augmenter.answersPerPassage(settings);
        Map<String, List<GivenPair>> given = given(passages);
        AugmentationListener hears = new AugmentationListener() {
            @Override
            public void onAnswers(int answers) {
                listener.answers(answers, all);
            }

            @Override
            public void onPassage(int index, Augmented augmented) {
                LeasedPassage passage = passages.get(index);
                List<Pair> theirs = pairs(given, passage);
                if (augmented.failed() && theirs.isEmpty()) {
                    listener.failed(passage, augmented);
                } else if (augmented.failed()) {
                    into.put(passage.encodingId(), new Augmentation(List.of(), theirs, List.of(augmented.failure())));
                } else if (save(passage.textHash(), augmented.augmentation(), augmented.making())) {
                    into.put(passage.encodingId(), augmented.augmentation().with(theirs));
                    listener.made(passage);
                } else {
                    listener.gone(passage);
                }
            }
        };
        List<Augmentable> texts = passages.stream()
                .map(passage -> new Augmentable(passage.text(), passage.subject(), passage.attempts()))
                .toList();
        try (AugmentationModel.Use use = model.use()) {
            augmenter.augment(texts, settings, hears, cancelled);
        }
    }

    private boolean save(String textHash, Augmentation augmentation, Making making) {
        return kept.save(
                textHash, key, write(augmentation), augmentation.questions(), write(making), write(making.figures()));
    }

    private Map<String, List<GivenPair>> given(Collection<LeasedPassage> passages) {
        return kept.given(passages.stream().map(LeasedPassage::textHash).toList());
    }

    private static List<Pair> pairs(Map<String, List<GivenPair>> given, LeasedPassage passage) {
        return pairs(given.getOrDefault(passage.textHash(), List.of()));
    }

    /** What people gave, as pairs. */
    public static List<Pair> pairs(List<GivenPair> given) {
        return given.stream()
                .map(pair -> new Pair(pair.question(), pair.answer(), pair.fullAnswer()))
                .toList();
    }

    /** An augmentation as it is kept. */
    public static Augmentation read(String json) {
        try {
            return JSON.readValue(json, Augmentation.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a kept augmentation can't be read", e);
        }
    }

    /** How it is kept. */
    public static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("augmentation", e);
        }
    }
}
