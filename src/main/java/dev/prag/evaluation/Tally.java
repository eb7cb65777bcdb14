package dev.prag.evaluation;

/** Means over the questions of one group, answered by one method. */
public final class Tally {
    private int questions;
    private double exactMatch;
    private double f1;
    private double precision;
    private double recall;
    private double seconds;

    void add(Score score, double secondsTaken) {
        questions++;
        exactMatch += score.exactMatch();
        f1 += score.f1();
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
        return mean(f1);
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
