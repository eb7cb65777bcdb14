package dev.prag.parameterization;

import dev.prag.augmentation.Augmentation;
import dev.prag.corpus.LeasedPassage;
import dev.prag.lora.Scope;
import dev.prag.training.Sample;
import java.util.Optional;

/** A passage on its way, with what there is of it once it is augmented. */
record EncodingItem(LeasedPassage passage, Augmentation augmentation, String adapterId, SampleBuilder.Samples samples) {
    /** Tokens that an epoch trains on, with adapters in force over this part of a sample. */
    long tokens(Scope scope) {
        return Sample.computed(samples.learned(), scope);
    }

    /**
     * Why its samples can't be trained on; empty if they can.
     *
     * @param longestSample tokens that fit
     * @param shots examples that stand in each sample
     */
    Optional<String> fault(int longestSample, int shots) {
        int longest = samples.longest();
        if (longest == 0) {
            return Optional.of("its augmentation makes no training samples; the recipe has to ask for pairs");
        }
        return longest <= longestSample
                ? Optional.empty()
                : Optional.of("a training sample of it has " + longest + " tokens and at most " + longestSample
                        + " fit; use a larger --context if the model allows it, or split the document"
                        + (shots == 0 ? "" : ", or give the prompt set fewer shots"));
    }
}
