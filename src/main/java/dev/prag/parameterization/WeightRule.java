package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the adapters of several passages are weighted when they are composed. */
@RegisterForReflection
public enum WeightRule {
    /** Each by 1, as in the method's paper (Su et al., 2025, section 3.3). */
    @JsonProperty("sum")
    SUM,
    /** Each by 1/n. */
    @JsonProperty("mean")
    MEAN,
    /** By a softmax of their retrieval scores. */
    @JsonProperty("score")
    SCORE;

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
        return Arrays.stream(values())
                .map(rule -> rule.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toList());
    }

    /**
     * The weight of each adapter.
     *
     * @param scores retrieval scores of the passages, in the order of the weights
     * @param temperature of the softmax of {@link #SCORE}; the lower, the more the best passage prevails
     */
    public float[] weights(double[] scores, double temperature) {
        float[] weights = new float[scores.length];
        switch (this) {
            case SUM -> Arrays.fill(weights, 1);
            case MEAN -> Arrays.fill(weights, 1f / scores.length);
            case SCORE -> {
                double best = Arrays.stream(scores).max().orElse(0);
                double total = 0;
                for (double score : scores) {
                    total += Math.exp((score - best) / temperature);
                }
                for (int i = 0; i < scores.length; i++) {
                    weights[i] = (float) (Math.exp((scores[i] - best) / temperature) / total);
                }
            }
        }
        return weights;
    }
}
