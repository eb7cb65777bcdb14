package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Locale;

/** Which training samples hold the passage in their prompt. */
@RegisterForReflection
public enum SampleForm {
    /** Those of the first half of the pairs, which are asked over each version of the passage (Su et al., 2025). */
    @JsonProperty("half")
    HALF,
    /** None: a pair is a question and its answer. */
    @JsonProperty("none")
    NONE,
    /** All: each pair is asked over each version of the passage. */
    @JsonProperty("all")
    ALL,
    /**
     * Each pair is asked without any, and over the passage before or between two others (Zhang et al., 2024, RAFT).
     */
    @JsonProperty("among-others")
    AMONG_OTHERS;

    /** The name in recipes. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
