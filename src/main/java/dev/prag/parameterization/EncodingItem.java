package dev.prag.parameterization;

import dev.prag.augmentation.Augmentation;
import dev.prag.corpus.LeasedPassage;

/** A passage on its way, with what there is of it once it is augmented. */
record EncodingItem(
        LeasedPassage passage, Augmentation augmentation, String adapterId, SampleBuilder.Samples samples) {}
