package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What of a passage's pairs isn't learned but tells the best epoch.
 *
 * @param share of the pairs, rounded down; of two pairs or fewer none is held back
 * @param patience epochs without a better loss after which a passage's training ends
 */
@RegisterForReflection
public record ValidationSettings(
        @JsonProperty(required = true) double share,
        @JsonProperty(required = true) int patience) {
    public ValidationSettings {
        if (!(share > 0 && share <= 0.5)) {
            throw new UserException(
                    "recipe: validation.share is " + share + "; give a share above 0, and at most 0.5, such as 0.2");
        }
        if (patience < 1) {
            throw new UserException(
                    "recipe: validation.patience is " + patience + "; give a number of epochs, at least 1");
        }
    }

    /** How many of so many pairs are held back. */
    int of(int pairs) {
        return pairs < 3 ? 0 : Math.max(1, (int) (share * pairs));
    }
}
