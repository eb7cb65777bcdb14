package dev.prag.parameterization;

import dev.prag.corpus.TextSelection;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * What holds for one run of the encoder.
 *
 * @param augmenterChecked whether the model that augments was tried
 * @param budget what it may take
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
        TextSelection texts,
        BooleanSupplier unwanted) {
    void checkWanted() {
        if (unwanted.getAsBoolean()) {
            throw new CancellationException("encoding was ended");
        }
    }
}
