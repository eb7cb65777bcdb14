package dev.prag.reproduction.table;

import dev.prag.reproduction.Answered;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.apache.commons.math3.stat.inference.TTest;

/** Whether a row is significantly worse than another: the two-sided paired t-test over the F1 of the questions of both. */
final class PairedTest {
    /** Below this the difference is significant, as in the paper. */
    static final double LEVEL = 0.05;

    private PairedTest() {}

    /** Whether the first answers are worse, and significantly so. */
    static boolean worse(List<Answered> answers, List<Answered> others) {
        double[][] pairs = pairs(answers, others);
        return DoubleStream.of(pairs[0]).sum() < DoubleStream.of(pairs[1]).sum() && p(pairs[0], pairs[1]) < LEVEL;
    }

    /** The F1 of the questions that both answered, paired by question and not by place. */
    static double[][] pairs(List<Answered> answers, List<Answered> others) {
        Map<String, Double> known = new HashMap<>();
        Map<String, Integer> times = new HashMap<>();
        others.forEach(other -> known.put(key(other, times), other.f1()));
        times.clear();
        double[] first = new double[answers.size()];
        double[] second = new double[answers.size()];
        int n = 0;
        for (Answered answer : answers) {
            Double other = known.get(key(answer, times));
            if (other != null && Double.isFinite(answer.f1()) && Double.isFinite(other)) {
                first[n] = answer.f1();
                second[n++] = other;
            }
        }
        return new double[][] {Arrays.copyOf(first, n), Arrays.copyOf(second, n)};
    }

    /** The question and, where it is asked several times, which time it is. */
    private static String key(Answered answer, Map<String, Integer> times) {
        return times.merge(answer.question(), 1, Integer::sum) + " " + answer.question();
    }

    /**
     * The probability of so large a mean difference, where there is none. 1 with fewer than two pairs, of which nothing is
     * known; where all pairs differ by the same the test's limit, 0, or 1 if they don't differ.
     */
    static double p(double[] first, double[] second) {
        if (first.length < 2) {
            return 1;
        }
        double difference = first[0] - second[0];
        boolean constant = true;
        for (int i = 1; i < first.length; i++) {
            constant &= first[i] - second[i] == difference;
        }
        if (constant) {
            return difference == 0 ? 1 : 0;
        }
        return new TTest().pairedTTest(first, second);
    }
}
