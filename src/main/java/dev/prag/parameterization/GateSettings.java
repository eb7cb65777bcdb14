package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;

/**
 * What an adapter has to come to, else it is trained again more gently, and then withheld.
 *
 * @param gain by how many nats a token the passage's answers are likelier with it than with another passage's, at least
 * @param neutral by how many nats a token it may lower the log-probability of a neutral text
 * @param retries how often it is trained again; null for once
 * @param gentler what the learning rate is multiplied by each time; null for a half
 * @param minStrength to what share of its update an adapter that is beyond {@code neutral} may be weakened until it is
 *     within; null for 1, which leaves it as it is
 */
@RegisterForReflection
public record GateSettings(
        @JsonProperty(required = true) double gain,
        @JsonProperty(required = true) double neutral,
        @JsonSetter(nulls = Nulls.SET) Integer retries,
        @JsonSetter(nulls = Nulls.SET) Double gentler,
        @JsonSetter(nulls = Nulls.SET) Double minStrength) {
    /** What the strength is multiplied by until it is low enough. */
    private static final float WEAKER = 0.8f;

    public GateSettings {
        require(Double.isFinite(gain), "gain", gain, "a number of nats, such as 0.1");
        require(Double.isFinite(neutral), "neutral", neutral, "a number of nats, such as 0.1");
        require(retries == null || (retries >= 0 && retries <= 10), "retries", retries, "between 0 and 10");
        require(gentler == null || (gentler > 0 && gentler < 1), "gentler", gentler, "between 0 and 1, such as 0.5");
        require(
                minStrength == null || (minStrength > 0 && minStrength <= 1),
                "minStrength",
                minStrength,
                "above 0, and at most 1, such as 0.4");
    }

    private static void require(boolean holds, String field, Object value, String need) {
        if (!holds) {
            throw new UserException("recipe: gate." + field + " is " + value + "; it has to be " + need);
        }
    }

    int tries() {
        return 1 + (retries == null ? 1 : retries);
    }

    /** The strengths that an adapter is tried at, one after the other, from its own on. */
    List<Float> strengths() {
        List<Float> strengths = new ArrayList<>(List.of(1f));
        float least = minStrength == null ? 1 : minStrength.floatValue();
        for (float strength = 1; strength > least; ) {
            strength = Math.max(least, strength * WEAKER);
            strengths.add(strength);
        }
        return strengths;
    }

    /** The learning rate of a try, from 0. */
    float rate(float usual, int attempt) {
        return (float) (usual * Math.pow(gentler == null ? 0.5 : gentler, attempt));
    }
}
