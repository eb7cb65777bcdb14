package dev.prag.reproduction.table;

import dev.prag.reproduction.Answered;
import dev.prag.reproduction.Twin;
import dev.prag.reproduction.table.Grid.Block;
import dev.prag.reproduction.table.Grid.Cell;
import dev.prag.reproduction.table.Grid.Column;
import dev.prag.reproduction.table.Grid.Line;
import dev.prag.reproduction.table.Grid.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;

/**
 * Seconds a question and the speed-up against Standard RAG, composing apart, as in the paper's Table 4; besides, the
 * steps, and what half of the questions and 99 of 100 take at most, composing included.
 */
final class TimeGrid {
    static final String KEY = "seconds";
    private static final int DECIMALS = 3;

    /** A column of each set. */
    enum Part {
        TIME("time", "s", DECIMALS, Metric.Best.LOW),
        COMPOSE("compose", "+compose", DECIMALS, Metric.Best.NONE),
        SPEED_UP("speed-up", "speed-up", 2, Metric.Best.HIGH),
        P50("p50", "p50", DECIMALS, Metric.Best.LOW),
        P99("p99", "p99", DECIMALS, Metric.Best.LOW),
        RETRIEVE("retrieve", "retrieve", DECIMALS, Metric.Best.NONE),
        GENERATE("generate", "generate", DECIMALS, Metric.Best.NONE);

        private final String key;
        private final String title;
        private final int decimals;
        private final Metric.Best best;

        Part(String key, String title, int decimals, Metric.Best best) {
            this.key = key;
            this.title = title;
            this.decimals = decimals;
            this.best = best;
        }

        String key() {
            return key;
        }

        boolean isOf(Column column) {
            return column.part().equals(key);
        }
    }

    private final Cube cube;
    private final PaperFigures paper;

    TimeGrid(Cube cube, PaperFigures paper) {
        this.cube = cube;
        this.paper = paper;
    }

    Grid grid() {
        List<Column> columns = new ArrayList<>();
        for (String set : cube.sets()) {
            for (Part part : Part.values()) {
                columns.add(new Column(set, part.key, Names.set(set), part.title, part.decimals));
            }
        }
        List<Block> blocks = cube.models().stream().map(this::block).toList();
        return new Grid(KEY, "seconds a question", columns, blocks);
    }

    private Block block(String model) {
        List<String> lines = cube.lines(model);
        List<List<Cell>> cells = new ArrayList<>();
        lines.forEach(line -> cells.add(new ArrayList<>()));
        for (String set : cube.sets()) {
            Double baseline = value(Part.TIME, cube.of(model, Names.BASELINE, set, Names.TOTAL), null);
            for (Part part : Part.values()) {
                List<List<Answered>> answers = lines.stream()
                        .map(line -> cube.of(model, line, set, Names.TOTAL))
                        .toList();
                List<Double> values = answers.stream()
                        .map(each -> value(part, each, baseline))
                        .toList();
                List<Mark> marks = Marks.byValue(values, part.best, part.decimals);
                for (int i = 0; i < lines.size(); i++) {
                    PaperFigure figure = paper.figure(Twin.TABLE4, model, lines.get(i), set + "/" + part.key);
                    cells.get(i).add(new Cell(answers.get(i).size(), values.get(i), null, null, marks.get(i), figure));
                }
            }
        }
        List<Line> named = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            named.add(new Line(lines.get(i), Names.line(Twin.TABLE4, lines.get(i)), cells.get(i)));
        }
        return new Block(model, named);
    }

    /** @param baseline seconds of Standard RAG; null where they aren't known */
    private static Double value(Part part, List<Answered> answers, Double baseline) {
        return answers.isEmpty()
                ? null
                : switch (part) {
                    case TIME -> mean(answers, TimeGrid::apart);
                    case COMPOSE -> mean(answers, Answered::compose);
                    case SPEED_UP -> {
                        Double time = mean(answers, TimeGrid::apart);
                        yield baseline == null || time == null || time == 0 ? null : baseline / time;
                    }
                    case P50 -> percentile(answers, 50);
                    case P99 -> percentile(answers, 99);
                    case RETRIEVE -> mean(answers, Answered::retrieve);
                    case GENERATE -> mean(answers, Answered::generate);
                };
    }

    /** Without composing; with it where it isn't known. */
    private static double apart(Answered answer) {
        return Double.isNaN(answer.compose()) ? answer.total() : answer.total() - answer.compose();
    }

    /** Null where it isn't known of all. */
    private static Double mean(List<Answered> answers, ToDoubleFunction<Answered> seconds) {
        double mean = answers.stream().mapToDouble(seconds).average().orElseThrow();
        return Double.isNaN(mean) ? null : mean;
    }

    private static Double percentile(List<Answered> answers, double percent) {
        double[] seconds = answers.stream().mapToDouble(Answered::total).toArray();
        return new Percentile().withEstimationType(EstimationType.R_7).evaluate(seconds, percent);
    }
}
