package dev.prag.parameterization;

import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.TextSelection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntSupplier;

/**
 * Augments pending passages that have no augmentation yet, batch by batch and each once; they stay pending, and what was
 * made is found by whoever encodes them.
 *
 * @param model and recipe that the passages are pending under
 * @param texts of which passages
 */
record AheadAugmentation(PassageAugmentations source, Leases leases, String model, String recipe, TextSelection texts) {
    /**
     * Until none is left.
     *
     * @param allowed how many the next batch may have; 0 ends it
     * @param first runs before the first batch, if there is one
     * @param begin tells of a batch that begins; what it returns hears of it
     * @param ended runs after each batch
     */
    void run(
            IntSupplier allowed,
            Runnable first,
            Function<List<LeasedPassage>, PassageAugmentations.Listener> begin,
            Runnable ended,
            BooleanSupplier cancelled) {
        long after = 0;
        for (int most = allowed.getAsInt(); most > 0; most = allowed.getAsInt()) {
            List<LeasedPassage> leased = leases.takeUnaugmented(model, recipe, texts, source.key(), after, most);
            if (leased.isEmpty()) {
                return;
            }
            if (after == 0) {
                first.run();
            }
            after = leased.getLast().encodingId();
            source.make(leased, new TreeMap<>(), begin.apply(leased), cancelled);
            leases.giveBack();
            ended.run();
        }
    }
}
