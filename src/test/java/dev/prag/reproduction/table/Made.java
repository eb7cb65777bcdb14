package dev.prag.reproduction.table;

import dev.prag.reproduction.Answered;
import dev.prag.reproduction.Series;
import java.util.ArrayList;
import java.util.List;

/** Made-up answers. */
final class Made {
    private Made() {}

    static Answered answered(String question, String type, double f1) {
        return answered(question, type, f1, 0.5, 0.25, 1.25, 2);
    }

    static Answered answered(
            String question, String type, double f1, double retrieve, double compose, double generate, double total) {
        return new Answered(
                question,
                type,
                f1 == 1 ? 1 : 0,
                f1,
                f1,
                f1,
                f1 > 0.5,
                1.0,
                1,
                100,
                5,
                Math.log(0.5),
                retrieve,
                compose,
                generate,
                total);
    }

    /** Questions {@code q0}, {@code q1}, … of one type. */
    static List<Answered> answers(String type, double... f1s) {
        List<Answered> answers = new ArrayList<>();
        for (int i = 0; i < f1s.length; i++) {
            answers.add(answered("q" + i, type, f1s[i]));
        }
        return answers;
    }

    static Series series(String model, String variant, String method, String set, String sample, Object... answers) {
        List<Answered> all = new ArrayList<>();
        for (Object some : answers) {
            ((List<?>) some).forEach(answer -> all.add((Answered) answer));
        }
        return new Series(model, variant, method, set, sample, all);
    }
}
