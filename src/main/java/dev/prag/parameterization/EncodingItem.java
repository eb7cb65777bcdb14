package dev.prag.parameterization;

import dev.prag.augmentation.Augmentation;
import dev.prag.corpus.LeasedPassage;
import dev.prag.training.Sample;
import java.util.List;

/** A passage on its way, with what there is of it once it is augmented. */
record EncodingItem(LeasedPassage passage, Augmentation augmentation, String adapterId, List<Sample> samples) {
    /** Tokens of the longest sample; 0 without samples. */
    int longestSample() {
        return samples.stream().mapToInt(sample -> sample.ids().length).max().orElse(0);
    }
}
