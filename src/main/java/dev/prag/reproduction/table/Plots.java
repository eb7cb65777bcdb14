package dev.prag.reproduction.table;

import dev.prag.reproduction.Twin;
import dev.prag.reproduction.table.Grid.Block;
import dev.prag.reproduction.table.Grid.Cell;
import dev.prag.reproduction.table.Grid.Column;
import dev.prag.reproduction.table.Grid.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Plots of a table: F1 as bars with their intervals, or seconds as bars of steps. */
final class Plots {
    private static final String X = "x";
    private static final String Y = "y";
    private static final String FILL = "fill";
    private static final String LOW = "low";
    private static final String HIGH = "high";
    /** Of the space that a place on the axis has. */
    private static final double BARS = 0.8;

    private Plots() {}

    /** A picture as an element of a page. */
    record Plot(String svg, String caption) {}

    static List<Plot> of(Table table) {
        List<Plot> plots = new ArrayList<>();
        for (Block block : table.main().blocks()) {
            if (table.twin() == Twin.TABLE4) {
                table.main().columns().stream()
                        .map(Column::set)
                        .distinct()
                        .forEach(set -> plots.add(seconds(table.main(), block, set, plots.size())));
            } else {
                plots.add(scores(table.main(), block, plots.size()));
            }
        }
        return plots;
    }

    /** Rows side by side in each column; the paper's figures as dots on them. */
    private static Plot scores(Grid grid, Block block, int number) {
        PlotData bars = new PlotData(X, Y, FILL, LOW, HIGH);
        PlotData dots = new PlotData(X, Y, FILL);
        for (int i = 0; i < grid.columns().size(); i++) {
            Column column = grid.columns().get(i);
            String place =
                    Names.shortSet(column.set()) + (column.part().equals(Names.TOTAL) ? "" : " " + column.name());
            for (Line line : block.lines()) {
                Cell cell = line.cells().get(i);
                bars.add(place, cell.value(), line.name(), cell.low(), cell.high());
                dots.add(place, cell.paper() == null ? null : cell.paper().value(), line.name());
            }
        }
        Map<String, Object> dodge = Map.of("name", "dodge", "width", BARS);
        List<Map<String, Object>> layers = new ArrayList<>();
        layers.add(Map.of(
                "geom",
                "bar",
                "stat",
                "identity",
                "width",
                BARS,
                "position",
                dodge,
                "data",
                bars.columns(),
                "mapping",
                Map.of(X, X, Y, Y, FILL, FILL)));
        layers.add(Map.of(
                "geom",
                "errorbar",
                "width",
                BARS / (1.5 * block.lines().size()),
                "position",
                dodge,
                "color",
                "#808080",
                "data",
                bars.columns(),
                "mapping",
                Map.of(X, X, "ymin", LOW, "ymax", HIGH, "group", FILL)));
        boolean beside = dots.hasValues(Y);
        if (beside) {
            layers.add(Map.of(
                    "geom",
                    "point",
                    "size",
                    5,
                    "shape",
                    18,
                    "color",
                    "#808080",
                    "position",
                    dodge,
                    "data",
                    dots.columns(),
                    "mapping",
                    Map.of(X, X, Y, Y, "group", FILL)));
        }
        String caption = block.model() + ": F1 by data set, with 95% bootstrap intervals"
                + (beside ? "; diamonds are the paper's figures" : "");
        return new Plot(PlotSvg.of(layers, "F1", caption, number), caption);
    }

    /** The steps of a question on each other. */
    private static Plot seconds(Grid grid, Block block, String set, int number) {
        PlotData steps = new PlotData(X, Y, FILL);
        PlotData slow = new PlotData(X, Y);
        for (Line line : block.lines()) {
            for (TimeGrid.Part part : List.of(TimeGrid.Part.RETRIEVE, TimeGrid.Part.COMPOSE, TimeGrid.Part.GENERATE)) {
                steps.add(line.name(), value(grid, line, set, part), part.key());
            }
            slow.add(line.name(), value(grid, line, set, TimeGrid.Part.P99));
        }
        List<Map<String, Object>> layers = List.of(
                Map.of(
                        "geom",
                        "bar",
                        "stat",
                        "identity",
                        "width",
                        BARS,
                        "position",
                        "stack",
                        "data",
                        steps.columns(),
                        "mapping",
                        Map.of(X, X, Y, Y, FILL, FILL)),
                Map.of(
                        "geom",
                        "point",
                        "size",
                        5,
                        "shape",
                        18,
                        "color",
                        "#808080",
                        "data",
                        slow.columns(),
                        "mapping",
                        Map.of(X, X, Y, Y)));
        String caption = block.model() + ", " + Names.set(set)
                + ": mean seconds a question by step; diamonds are what 99 of 100" + " questions take at most";
        return new Plot(PlotSvg.of(layers, "seconds", caption, number), caption);
    }

    private static Double value(Grid grid, Line line, String set, TimeGrid.Part part) {
        for (int i = 0; i < grid.columns().size(); i++) {
            Column column = grid.columns().get(i);
            if (column.set().equals(set) && part.isOf(column)) {
                return line.cells().get(i).value();
            }
        }
        return null;
    }
}
