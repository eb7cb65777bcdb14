package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What an adapter has to come to, else it is trained again more gently, and then withheld.
 *
 * @param gain by how many nats a token the passage's answers are likelier with it than with another passage's, at least
 * @param neutral by how many nats a token it may lower the log-probability of a neutral text
 * @param retries how often it is trained again; null for once
 * @param gentler what the learning rate is multiplied by each time; null for a half
 */
@RegisterForReflection
public record GateSettings(
        @JsonProperty(required = true) double gain,
        @JsonProperty(required = true) double neutral,
        @JsonSetter(nulls = Nulls.SET) Integer retries,
        @JsonSetter(nulls = Nulls.SET) Double gentler) {
    public GateSettings {
        require(Double.isFinite(gain), "gain", gain, "a number of nats, such as 0.1");
        require(Double.isFinite(neutral), "neutral", neutral, "a number of nats, such as 0.1");
        require(retries == null || (retries >= 0 && retries <= 10), "retries", retries, "between 0 and 10");
        require(gentler == null || (gentler > 0 && gentler < 1), "gentler", gentler, "between 0 and 1, such as 0.5");
    }

    private static void require(boolean holds, String field, Object value, String need) {
        if (!holds) {
            throw new UserException("recipe: gate." + field + " is " + value + "; it has to be " + need);
        }
    }

    int tries() {
        return 1 + (retries == null ? 1 : retries);
    }

    /** The learning rate of a try, from 0. */
    float rate(float usual, int attempt) {
        return (float) (usual * Math.pow(gentler == null ? 0.5 : gentler, attempt));
    }
}
