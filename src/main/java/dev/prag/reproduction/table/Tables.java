package dev.prag.reproduction.table;

import dev.prag.reproduction.Answered;
import dev.prag.reproduction.Series;
import dev.prag.reproduction.Twin;
import dev.prag.reproduction.table.Grid.Block;
import dev.prag.reproduction.table.Grid.Column;
import dev.prag.reproduction.table.Grid.Line;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes twins of answers. */
public final class Tables {
    private Tables() {}

    /**
     * The twin of a table. It has whatever models, rows and sets the series have; what some of them lack stays open, and
     * the notes name it.
     *
     * @param notes for people, above those of the table itself
     * @throws IllegalArgumentException if nothing was answered, or two series are of the same row and sample
     */
    public static Table of(Twin twin, List<Series> series, List<String> notes) {
        if (series.stream().allMatch(each -> each.answers().isEmpty())) {
            throw new IllegalArgumentException("no answers");
        }
        PaperFigures paper = PaperFigures.read();
        Cube cube = new Cube(twin, series);
        ScoreGrid scores = new ScoreGrid(twin, cube, paper);
        List<Grid> grids = new ArrayList<>();
        if (twin == Twin.TABLE4) {
            grids.add(new TimeGrid(cube, paper).grid());
        }
        for (Metric metric : Metric.values()) {
            Grid grid = scores.of(metric);
            if (hasValues(grid)) {
                grids.add(grid);
            }
        }
        List<String> all = new ArrayList<>(notes);
        all.addAll(open(grids.getFirst()));
        if (twin == Twin.TABLE4) {
            all.addAll(withoutSteps(cube));
        }
        all.addAll(unequal(cube));
        return new Table(twin, Names.title(twin), grids, legend(twin, grids.getFirst(), paper), all);
    }

    private static boolean hasValues(Grid grid) {
        return grid.blocks().stream()
                .flatMap(block -> block.lines().stream())
                .flatMap(line -> line.cells().stream())
                .anyMatch(cell -> cell.value() != null);
    }

    private static String legend(Twin twin, Grid main, PaperFigures paper) {
        String marks = twin == Twin.TABLE4
                ? "Seconds are means without composing, which stands apart; p50 and p99 are of all of it; the speed-up is"
                        + " against Standard RAG, without composing."
                : "F1; * significantly worse than the best"
                        + (twin == Twin.TABLE1 ? ", † than P-RAG" : "")
                        + " (two-sided paired t-test over the questions, p < 0.05).";
        boolean beside = main.blocks().stream()
                .flatMap(block -> block.lines().stream())
                .flatMap(line -> line.cells().stream())
                .anyMatch(cell -> cell.paper() != null);
        return beside ? marks + " In parentheses the paper's: " + paper.source() + "." : marks;
    }

    /** What wasn't asked of a row though it was of another, the rows that lack the same together. */
    private static List<String> open(Grid grid) {
        List<String> notes = new ArrayList<>();
        for (Block block : grid.blocks()) {
            Map<String, List<String>> lines = new LinkedHashMap<>();
            for (Line line : block.lines()) {
                Set<String> open = new LinkedHashSet<>();
                for (int i = 0; i < line.cells().size(); i++) {
                    Column column = grid.columns().get(i);
                    if (line.cells().get(i).n() == 0) {
                        open.add(
                                grid.key().equals(TimeGrid.KEY)
                                        ? column.group()
                                        : column.group() + " " + column.name());
                    }
                }
                if (!open.isEmpty()) {
                    lines.computeIfAbsent(String.join(", ", open), sets -> new ArrayList<>())
                            .add(line.name());
                }
            }
            lines.forEach((open, names) -> notes.add(
                    block.model() + ", " + String.join(", ", names) + ": no answers to questions of " + open));
        }
        return notes;
    }

    private static List<String> withoutSteps(Cube cube) {
        List<String> notes = new ArrayList<>();
        for (String model : cube.models()) {
            for (String line : cube.lines(model)) {
                boolean unknown = cube.sets().stream()
                        .flatMap(set -> cube.of(model, line, set, Names.TOTAL).stream())
                        .anyMatch(answer -> Double.isNaN(answer.compose()));
                if (unknown) {
                    notes.add(model + ", " + Names.line(Twin.TABLE4, line)
                            + ": the seconds of composing aren't known of all answers, and are in the others");
                }
            }
        }
        return notes;
    }

    /** Rows of a model that were asked other questions than the rest. */
    private static List<String> unequal(Cube cube) {
        List<String> notes = new ArrayList<>();
        for (String model : cube.models()) {
            for (Column column : cube.columns(0)) {
                Set<Set<String>> asked = cube.lines(model).stream()
                        .map(line -> cube.of(model, line, column.set(), column.part()))
                        .filter(answers -> !answers.isEmpty())
                        .map(answers -> answers.stream().map(Answered::question).collect(Collectors.toSet()))
                        .collect(Collectors.toSet());
                if (asked.size() > 1) {
                    notes.add(model + ", " + column.group() + " " + column.name()
                            + ": the rows answered different questions; significance is of those that two rows share");
                }
            }
        }
        return notes;
    }
}
