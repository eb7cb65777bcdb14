package dev.prag.evaluation;

import dev.prag.evaluation.Bootstrap.Interval;
import java.util.ArrayList;
import java.util.List;

/** Means over the questions of one group, answered by one method. */
public final class Tally {
    private int questions;
    private double exactMatch;
    private final List<Double> f1s = new ArrayList<>();
    private double precision;
    private double recall;
    private double seconds;

    void add(Score score, double secondsTaken) {
        questions++;
        exactMatch += score.exactMatch();
        f1s.add(score.f1());
        precision += score.precision();
        recall += score.recall();
        seconds += secondsTaken;
    }

    /** Number of questions. */
    public int n() {
        return questions;
    }

    public double em() {
        return mean(exactMatch);
    }

    public double f1() {
        return f1s.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    /** F1 of each question, in the order in which they were asked. */
    List<Double> f1s() {
        return f1s;
    }

    Interval f1Interval() {
        return Bootstrap.mean(f1s);
    }

    public double precision() {
        return mean(precision);
    }

    public double recall() {
        return mean(recall);
    }

    /** Seconds a question. */
    public double seconds() {
        return mean(seconds);
    }

    private double mean(double sum) {
        return questions == 0 ? 0 : sum / questions;
    }
}
