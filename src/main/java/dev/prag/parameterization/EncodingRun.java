package dev.prag.parameterization;

import dev.prag.augmentation.Augmentation;
import dev.prag.base.Hashes;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.TextSelection;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * What holds for one run of the encoder.
 *
 * @param augmenterChecked whether the model that augments was tried
 * @param budget what it may take
 * @param pace how many are trained together
 * @param texts of which passages
 * @param unwanted whether it is to end before its work does
 */
record EncodingRun(
        Recipe recipe,
        String recipeHash,
        String model,
        Leases leases,
        RunProgress progress,
        AtomicBoolean augmenterChecked,
        EncodingBudget budget,
        TrainingPace pace,
        TextSelection texts,
        BooleanSupplier unwanted) {
    void checkWanted() {
        if (unwanted.getAsBoolean()) {
            throw new CancellationException("encoding was ended");
        }
    }

    /** Whether more may be trained; something is in every run, however long augmenting took. */
    boolean hasTime() {
        return !budget.isOver() || progress.summary().tokens() == 0;
    }

    /** What the adapter of a passage is known by. */
    String adapterId(LeasedPassage passage, Augmentation augmentation) {
        return Hashes.builder()
                .add(model)
                .add(recipeHash)
                .add(passage.textHash())
                .add(augmentation.hash())
                .hex();
    }

    /** What is written with an adapter. */
    Map<String, String> metadata(EncodingItem item) {
        return Map.of(
                "prag.model", model,
                "prag.recipe", recipe.toJson(),
                "prag.recipe.hash", recipeHash,
                "prag.passage", item.passage().textHash(),
                "prag.augmentation", item.augmentation().hash());
    }
}
