package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** How the adapters of several passages are weighted when they are composed. */
@RegisterForReflection
public enum WeightRule {
    /** Each by 1, as in the method's paper (Su et al., 2025, section 3.3). */
    @JsonProperty("sum")
    SUM((scores, temperature) -> score -> 1),
    /** Each by 1/n. */
    @JsonProperty("mean")
    MEAN((scores, temperature) -> score -> 1.0 / scores.length),
    /** By a softmax of their retrieval scores. */
    @JsonProperty("score")
    SCORE((scores, temperature) -> {
        double best = best(scores);
        double total = Arrays.stream(scores)
                .map(score -> Math.exp((score - best) / temperature))
                .sum();
        return score -> Math.exp((score - best) / temperature) / total;
    }),
    /** That of the best retrieval score by 1, or those that share it equally; no other one. */
    @JsonProperty("best")
    BEST((scores, temperature) -> {
        double best = best(scores);
        long equals = Arrays.stream(scores).filter(score -> score == best).count();
        return score -> score == best ? 1.0 / equals : 0;
    });

    /** Tells the weight of a passage by its retrieval score, once it knows all of them. */
    private interface Weighing {
        ToDoubleFunction<Double> among(double[] scores, double temperature);
    }

    private final Weighing weighing;

    WeightRule(Weighing weighing) {
        this.weighing = weighing;
    }

    /**
     * The rule of that name, in any case.
     *
     * @throws UserException if there is none
     */
    public static WeightRule of(String name) {
        return Arrays.stream(values())
                .filter(rule -> rule.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new UserException(
                        "weights " + name + ": there is no such rule; choose one of " + String.join(", ", names())));
    }

    /** The names, in lower case. */
    public static List<String> names() {
        return Arrays.stream(values()).map(WeightRule::toString).toList();
    }

    /**
     * The weight of each adapter.
     *
     * @param scores retrieval scores of the passages, in the order of the weights
     * @param temperature of the softmax of {@link #SCORE}; the lower, the more the best passage prevails
     */
    public float[] weights(double[] scores, double temperature) {
        ToDoubleFunction<Double> weight = weighing.among(scores, temperature);
        float[] weights = new float[scores.length];
        for (int i = 0; i < scores.length; i++) {
            weights[i] = (float) weight.applyAsDouble(scores[i]);
        }
        return weights;
    }

    private static double best(double[] scores) {
        return Arrays.stream(scores).max().orElse(0);
    }

    /** The name, in lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
