package dev.prag.reproduction.table;

import dev.prag.evaluation.Bootstrap;
import dev.prag.reproduction.Answered;
import dev.prag.reproduction.Twin;
import dev.prag.reproduction.table.Grid.Block;
import dev.prag.reproduction.table.Grid.Cell;
import dev.prag.reproduction.table.Grid.Column;
import dev.prag.reproduction.table.Grid.Line;
import dev.prag.reproduction.table.Grid.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A grid of one metric of answers. */
final class ScoreGrid {
    private final Twin twin;
    private final Cube cube;
    private final PaperFigures paper;

    ScoreGrid(Twin twin, Cube cube, PaperFigures paper) {
        this.twin = twin;
        this.cube = cube;
        this.paper = paper;
    }

    Grid of(Metric metric) {
        List<Column> columns = cube.columns(metric.decimals());
        List<Block> blocks = cube.models().stream()
                .map(model -> block(metric, model, columns))
                .toList();
        return new Grid(metric.name().toLowerCase(Locale.ROOT), metric.title(), columns, blocks);
    }

    private Block block(Metric metric, String model, List<Column> columns) {
        List<String> lines = cube.lines(model);
        List<List<Cell>> cells = new ArrayList<>();
        lines.forEach(line -> cells.add(new ArrayList<>()));
        for (Column column : columns) {
            List<List<Answered>> answers = lines.stream()
                    .map(line -> cube.of(model, line, column.set(), column.part()))
                    .toList();
            List<Double> values = answers.stream()
                    .map(each -> metric.of(each).stream().boxed().findFirst().orElse(null))
                    .toList();
            List<Mark> marks = metric == Metric.F1
                    ? Marks.byF1(answers, twin == Twin.TABLE1 ? lines.indexOf(Names.PARAMETRIC) : -1)
                    : Marks.byValue(values, metric.best(), metric.decimals());
            for (int i = 0; i < lines.size(); i++) {
                PaperFigure figure = metric == Metric.F1 ? paper.figure(twin, model, lines.get(i), column.key()) : null;
                cells.get(i).add(cell(metric, answers.get(i), values.get(i), marks.get(i), figure));
            }
        }
        List<Line> named = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            named.add(new Line(lines.get(i), Names.line(twin, lines.get(i)), cells.get(i)));
        }
        return new Block(model, named);
    }

    private static Cell cell(Metric metric, List<Answered> answers, Double value, Mark mark, PaperFigure figure) {
        if (metric != Metric.F1 || value == null) {
            return new Cell(answers.size(), value, null, null, mark, figure);
        }
        Bootstrap.Interval interval =
                Bootstrap.mean(answers.stream().map(Answered::f1).toList());
        return new Cell(answers.size(), value, interval.low(), interval.high(), mark, figure);
    }
}
