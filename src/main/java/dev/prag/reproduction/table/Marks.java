package dev.prag.reproduction.table;

import dev.prag.reproduction.Answered;
import dev.prag.reproduction.table.Grid.Mark;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** Finds the best and the second of a column, and what is significantly worse. */
final class Marks {
    private Marks() {}

    /**
     * By value alone, as they are shown; equal ones share their place. Where all are equal there is no best.
     *
     * @param values of the rows; null where there is none
     */
    static List<Mark> byValue(List<Double> values, Metric.Best best, int decimals) {
        List<Double> shown = values.stream()
                .map(value -> value == null || value.isNaN() ? null : shown(value, decimals))
                .toList();
        List<Double> order = new ArrayList<>(
                shown.stream().filter(Objects::nonNull).distinct().sorted().toList());
        if (best == Metric.Best.HIGH) {
            Collections.reverse(order);
        }
        List<Mark> marks = new ArrayList<>();
        for (Double value : shown) {
            int place = value == null || best == Metric.Best.NONE || order.size() < 2 ? -1 : order.indexOf(value);
            marks.add(new Mark(place == 0, place == 1, false, false));
        }
        return marks;
    }

    /**
     * By F1, with significance.
     *
     * @param answers of the rows; empty where none were asked
     * @param parametric the row of P-RAG; -1 if there is none, or all are
     */
    static List<Mark> byF1(List<List<Answered>> answers, int parametric) {
        List<Double> values = answers.stream()
                .map(each -> Metric.F1.of(each).stream().boxed().findFirst().orElse(null))
                .toList();
        List<Mark> places = byValue(values, Metric.F1.best(), Metric.F1.decimals());
        int best = -1;
        for (int i = 0; i < places.size(); i++) {
            if (places.get(i).best() && (best < 0 || values.get(i) > values.get(best))) {
                best = i;
            }
        }
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
            Mark place = places.get(i);
            marks.add(new Mark(
                    place.best(),
                    place.second(),
                    best >= 0 && !place.best() && PairedTest.worse(answers.get(i), answers.get(best)),
                    parametric >= 0 && i != parametric && PairedTest.worse(answers.get(i), answers.get(parametric))));
        }
        return marks;
    }

    private static double shown(double value, int decimals) {
        double unit = Math.pow(10, decimals);
        return Math.round(value * unit) / unit;
    }
}
