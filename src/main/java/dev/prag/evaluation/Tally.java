package dev.prag.evaluation;

import dev.prag.evaluation.Bootstrap.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;

/** Means over the questions of one group, answered by one method. */
public final class Tally {
    private final List<Outcome> outcomes = new ArrayList<>();

    void add(Outcome outcome) {
        outcomes.add(outcome);
    }

    /** Number of questions. */
    public int n() {
        return outcomes.size();
    }

    public double em() {
        return mean(outcome -> outcome.score().exactMatch());
    }

    public double f1() {
        return mean(outcome -> outcome.score().f1());
    }

    /** F1 of each question, in the order in which they were asked. */
    List<Double> f1s() {
        return outcomes.stream().map(outcome -> outcome.score().f1()).toList();
    }

    Interval f1Interval() {
        return Bootstrap.mean(f1s());
    }

    public double precision() {
        return mean(outcome -> outcome.score().precision());
    }

    public double recall() {
        return mean(outcome -> outcome.score().recall());
    }

    /** How often an accepted answer stands in the answer. */
    public double present() {
        return mean(outcome -> outcome.present() ? 1 : 0);
    }

    /** How much of what was to be found was, over the answers that something was retrieved for; empty if none was. */
    public OptionalDouble found() {
        return outcomes.stream()
                .filter(outcome -> outcome.found() != null)
                .mapToDouble(Outcome::found)
                .average();
    }

    /** Retrievals a question. */
    public double rounds() {
        return mean(Outcome::rounds);
    }

    /** Tokens that were read, a question. */
    public double promptTokens() {
        return mean(Outcome::promptTokens);
    }

    /** Tokens that were written, a question. */
    public double tokens() {
        return mean(Outcome::tokens);
    }

    /** Seconds a question. */
    public double seconds() {
        return mean(outcome -> outcome.seconds().total());
    }

    /**
     * Seconds that so many questions of a hundred take at most, linear between two of them; 0 where there is none.
     *
     * @param percent above 0, at most 100
     */
    public double seconds(double percent) {
        double[] seconds = outcomes.stream()
                .mapToDouble(outcome -> outcome.seconds().total())
                .toArray();
        return seconds.length == 0
                ? 0
                : new Percentile().withEstimationType(EstimationType.R_7).evaluate(seconds, percent);
    }

    /** The {@link Calibration} error; empty where no log-probabilities are known. */
    public OptionalDouble calibrationError() {
        List<Calibration.Sure> sure = sure();
        return sure.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Calibration.error(sure));
    }

    /** How sure the model was of its answers on average. */
    public OptionalDouble confidence() {
        return sure().stream().mapToDouble(Calibration.Sure::confidence).average();
    }

    private List<Calibration.Sure> sure() {
        return outcomes.stream()
                .filter(outcome -> outcome.logprob() != null)
                .map(outcome ->
                        Calibration.Sure.of(outcome.logprob(), outcome.score().exactMatch()))
                .toList();
    }

    private double mean(ToDoubleFunction<Outcome> value) {
        return outcomes.stream().mapToDouble(value).average().orElse(0);
    }
}
