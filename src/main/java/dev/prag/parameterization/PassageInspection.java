package dev.prag.parameterization;

import dev.prag.access.Principal;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.Pair;
import dev.prag.corpus.Augmentations;
import dev.prag.corpus.PassageDetails;
import dev.prag.corpus.PassageLookup;
import dev.prag.runtime.ModelRuntime;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;

/** A passage with what was made of it under the model and recipe in force, for whoever looks at it. */
@ApplicationScoped
public class PassageInspection {
    private final PassageLookup passages;
    private final Augmentations kept;
    private final AugmentationModel model;
    private final Recipes recipes;
    private final ModelRuntime runtime;

    @Inject
    public PassageInspection(
            PassageLookup passages,
            Augmentations kept,
            AugmentationModel model,
            Recipes recipes,
            ModelRuntime runtime) {
        this.passages = passages;
        this.kept = kept;
        this.model = model;
        this.recipes = recipes;
        this.runtime = runtime;
    }

    /** @param augmentation with the pairs that people gave first; empty where there is none yet */
    public record Inspected(PassageDetails passage, Optional<Augmentation> augmentation) {}

    /** The passage of that id, if the caller may read it. */
    public Optional<Inspected> find(String passageId, Principal caller) {
        return details(passageId, caller).map(passage -> new Inspected(passage, augmentation(passage)));
    }

    /** The passage alone. */
    public Optional<PassageDetails> details(String passageId, Principal caller) {
        return passages.find(
                passageId, caller, runtime.modelId(), recipes.current().hash());
    }

    /** Rank of the adapters of the recipe in force. */
    public int rank() {
        return recipes.current().training().rank();
    }

    private Optional<Augmentation> augmentation(PassageDetails passage) {
        String key = PassageAugmentations.key(model, recipes.current().augmentation());
        List<Pair> given = PassageAugmentations.pairs(passage.given());
        Optional<Augmentation> made = kept.find(passage.textHash(), key)
                .map(body -> PassageAugmentations.read(body).with(given));
        return made.isPresent() || given.isEmpty() ? made : Optional.of(new Augmentation(List.of(), given, List.of()));
    }
}
