package dev.prag.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.evaluation.Bootstrap.Interval;
import java.util.ArrayList;
import java.util.List;

/** What the compositions of one row do to log-probabilities, in nats a token. */
final class ProbeTally {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Double> locality = new ArrayList<>();
    private final List<Double> gains = new ArrayList<>();
    private final List<Double> ownGains = new ArrayList<>();

    /**
     * Of a question's composition.
     *
     * @param neutral change on a text about nothing in particular
     * @param gain change on the right answer behind the question's prompt
     */
    void add(double neutral, double gain) {
        locality.add(neutral);
        gains.add(gain);
    }

    /** How much more the question's composition says for the right answer than that of another question does. */
    void addOwn(double gain) {
        ownGains.add(gain);
    }

    /** Compositions that were measured. */
    int n() {
        return locality.size();
    }

    /** Mean change on a neutral text: near 0 where unrelated text is left as it was. */
    double locality() {
        return mean(locality);
    }

    /** The composition that harms a neutral text most. */
    double worstLocality() {
        return locality.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    }

    /** Mean change on the right answer. */
    double gain() {
        return mean(gains);
    }

    Interval gainInterval() {
        return Bootstrap.mean(gains);
    }

    /** Mean of {@link #addOwn}. */
    double ownGain() {
        return mean(ownGains);
    }

    /** How many that is the mean of. */
    int pairs() {
        return ownGains.size();
    }

    ObjectNode toJson() {
        ObjectNode node = JSON.createObjectNode();
        node.put("n", n());
        node.put("locality", locality());
        node.put("worst_locality", worstLocality());
        node.put("gain", gain());
        node.set("gain_95", Report.interval(gainInterval()));
        node.put("own_against_wrong", ownGain());
        node.put("own_against_wrong_n", pairs());
        return node;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
}
