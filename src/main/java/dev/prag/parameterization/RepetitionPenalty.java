package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.prag.base.UserException;
import dev.prag.llm.GenerationDefaults;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A penalty on tokens that the prompt or the text holds already (Keskar et al., 2019): a number, or what the model's
 * generation_config.json recommends. It is the one value of that file that counts where the best token is taken each
 * time.
 *
 * @param said a {@link Double}, or {@code "model"}
 */
@RegisterForReflection
public record RepetitionPenalty(@JsonValue Object said) {
    private static final String MODEL = "model";
    private static final double MOST = 10;

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public RepetitionPenalty {
        said = said instanceof Number number ? number.doubleValue() : said;
        if (!MODEL.equals(said) && !(said instanceof Double value && value >= 1 / MOST && value <= MOST)) {
            throw new UserException("recipe: answering.repetitionPenalty is " + said
                    + "; give a number between 0.1 and 10 (1 is none), or \"model\" for what the model's"
                    + " generation_config.json says");
        }
    }

    float of(GenerationDefaults recommended) {
        return said instanceof Double value ? value.floatValue() : recommended.repetitionPenalty();
    }

    @Override
    public String toString() {
        return said.toString();
    }
}
