package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.prag.base.UserException;
import dev.prag.lora.Scope;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How the adapters of the passages of a question are composed. What is null is left open: a question's choices are laid
 * over those of the settings, these over what the recipe says for the method, and that over what it says for all.
 *
 * @param topK how many passages are retrieved
 * @param weights how their adapters are weighted
 * @param strength a factor on all weights; 0 is plain RAG: no adapter is in force, and the passages stand in the prompt
 * @param scope over which part of the sequence the adapters are in force
 * @param scoreTemperature of the softmax, where weights go by score
 * @param cutOff share of the largest weight: what is below has no weight, and the others share it among them
 */
@RegisterForReflection(targets = {Composing.class, Scope.class})
public record Composing(
        @JsonSetter(nulls = Nulls.SET) Integer topK,
        @JsonSetter(nulls = Nulls.SET) WeightRule weights,
        @JsonSetter(nulls = Nulls.SET) Double strength,
        @JsonSetter(nulls = Nulls.SET) Scope scope,
        @JsonSetter(nulls = Nulls.SET) Double scoreTemperature,
        @JsonSetter(nulls = Nulls.SET) Double cutOff) {
    /** Leaves everything open. */
    public static final Composing OPEN = new Composing(null, null, null, null, null, null);

    private static final int MOST_PASSAGES = 100;
    private static final int MOST_STRENGTH = 10;

    public Composing {
        require(topK == null || topK >= 1 && topK <= MOST_PASSAGES, "topK", topK, "between 1 and " + MOST_PASSAGES);
        require(
                strength == null || strength >= 0 && strength <= MOST_STRENGTH,
                "strength",
                strength,
                "between 0 (plain RAG) and " + MOST_STRENGTH);
        require(
                scoreTemperature == null || scoreTemperature > 0 && Double.isFinite(scoreTemperature),
                "scoreTemperature",
                scoreTemperature,
                "above 0");
        require(cutOff == null || cutOff >= 0 && cutOff <= 1, "cutOff", cutOff, "between 0 and 1");
    }

    /**
     * Reads choices such as {@code strength=0.25,weights=mean,scope=answer}; an empty text makes none.
     *
     * @throws UserException naming what is wrong with them
     */
    public static Composing parse(String text) {
        Composing parsed = OPEN;
        for (String choice : text.isBlank() ? new String[0] : text.split(",", -1)) {
            int equals = choice.indexOf('=');
            if (equals < 0) {
                throw new UserException(
                        "\"" + choice.strip() + "\" has no value; write NAME=VALUE, separated by commas");
            }
            String name = choice.substring(0, equals).strip();
            String value = choice.substring(equals + 1).strip();
            Composing one =
                    switch (name) {
                        case "topK" -> new Composing((int) number(name, value, true), null, null, null, null, null);
                        case "weights" -> new Composing(null, WeightRule.of(value), null, null, null, null);
                        case "strength" -> new Composing(null, null, number(name, value, false), null, null, null);
                        case "scope" -> new Composing(null, null, null, Scope.of(value), null, null);
                        case "scoreTemperature" ->
                            new Composing(null, null, null, null, number(name, value, false), null);
                        case "cutOff" -> new Composing(null, null, null, null, null, number(name, value, false));
                        default ->
                            throw new UserException("\"" + name + "\" is no choice of a composition; choose among topK,"
                                    + " weights, strength, scope, scoreTemperature and cutOff");
                    };
            parsed = one.over(parsed);
        }
        return parsed;
    }

    private static double number(String name, String value, boolean whole) {
        try {
            return whole ? Integer.parseInt(value) : Double.parseDouble(value);
        } catch (NumberFormatException notOne) {
            throw new UserException(name + " is \"" + value + "\"; give a" + (whole ? " whole" : "") + " number");
        }
    }

    /** These choices, and the other's where these leave something open. */
    public Composing over(Composing other) {
        return other == null
                ? this
                : new Composing(
                        either(topK, other.topK),
                        either(weights, other.weights),
                        either(strength, other.strength),
                        either(scope, other.scope),
                        either(scoreTemperature, other.scoreTemperature),
                        either(cutOff, other.cutOff));
    }

    private static <T> T either(T first, T second) {
        return first == null ? second : first;
    }

    /** Whether adapters are in force at all, where nothing is open. */
    public boolean composes() {
        return strength > 0;
    }

    /**
     * The weight of each passage's adapter, where nothing is open.
     *
     * @param scores retrieval scores of the passages, in the order of the weights
     */
    public float[] weights(double[] scores) {
        float[] shares = weights.weights(scores, scoreTemperature);
        double least = 0;
        double total = 0;
        double kept = 0;
        for (float share : shares) {
            least = Math.max(least, cutOff * share);
            total += share;
        }
        for (float share : shares) {
            kept += share >= least ? share : 0;
        }
        double factor = strength * (total / kept);
        for (int i = 0; i < shares.length; i++) {
            shares[i] = shares[i] >= least ? (float) (shares[i] * factor) : 0;
        }
        return shares;
    }

    /** The choices that are made, as {@link #parse} reads them. */
    @Override
    public String toString() {
        List<String> choices = new ArrayList<>();
        add(choices, "topK", topK);
        add(choices, "weights", weights);
        add(choices, "strength", strength);
        add(choices, "scope", scope);
        add(choices, "scoreTemperature", scoreTemperature);
        add(choices, "cutOff", cutOff);
        return String.join(",", choices);
    }

    private static void add(List<String> to, String name, Object value) {
        if (value != null) {
            to.add(name + "="
                    + (value instanceof Double d && d == Math.rint(d) ? String.format(Locale.ROOT, "%.0f", d) : value));
        }
    }

    private static void require(boolean holds, String field, Object value, String need) {
        if (!holds) {
            throw new UserException(field + " is " + value + "; it has to be " + need);
        }
    }
}
