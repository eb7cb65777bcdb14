package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Locale;

/** What of an augmentation a recipe doesn't train on (the ablations of Su et al., 2025, figure 3). */
@RegisterForReflection
public enum LeftOut {
    @JsonProperty("rewrites")
    REWRITES,
    /** Without them a sample is a text alone: the passage, or a rewrite. */
    @JsonProperty("pairs")
    PAIRS;

    /** The name in recipes. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
