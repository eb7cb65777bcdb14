package dev.prag.reproduction.table;

import dev.prag.reproduction.table.Grid.Block;
import dev.prag.reproduction.table.Grid.Cell;
import dev.prag.reproduction.table.Grid.Column;
import dev.prag.reproduction.table.Grid.Line;
import java.util.ArrayList;
import java.util.List;

/** A table for a terminal: sets side by side as far as there is room, the others below. */
final class TextTable {
    private static final int ROOM = 120;
    private static final String GAP = "  ";
    private static final String INDENT = "  ";

    private final Grid grid;
    private final StringBuilder text = new StringBuilder();
    private final int names;
    /** Of our figures, by column. */
    private final int[] ours;
    /** Of the paper's; 0 where it has none. */
    private final int[] papers;

    private TextTable(Grid grid) {
        this.grid = grid;
        names = grid.blocks().stream()
                .flatMap(block -> block.lines().stream())
                .mapToInt(line -> width(line.name()))
                .max()
                .orElse(0);
        ours = new int[grid.columns().size()];
        papers = new int[grid.columns().size()];
        for (int i = 0; i < ours.length; i++) {
            for (Block block : grid.blocks()) {
                for (Line line : block.lines()) {
                    ours[i] = Math.max(ours[i], width(ours(i, line.cells().get(i))));
                    papers[i] = Math.max(papers[i], width(paper(line.cells().get(i))));
                }
            }
            ours[i] = Math.max(ours[i], width(grid.columns().get(i).name()) - papers[i]);
        }
    }

    static String of(Table table) {
        TextTable text = new TextTable(table.main());
        text.line(table.title());
        text.sections().forEach(text::section);
        text.line("");
        text.line("¹ best, ² second of a model. " + table.legend());
        table.notes().forEach(note -> text.line("Note: " + note));
        return text.text.toString();
    }

    private static String paper(Cell cell) {
        return cell.paper() == null ? "" : " (" + cell.paper() + ")";
    }

    private String ours(int column, Cell cell) {
        return CellText.number(cell, grid.columns().get(column))
                + (cell.mark().best() ? "¹" : "")
                + (cell.mark().second() ? "²" : "")
                + cell.mark().significance();
    }

    private int room(int column) {
        return GAP.length() + ours[column] + papers[column];
    }

    /** Columns that stand side by side; those of a set are kept together. */
    private List<List<Integer>> sections() {
        List<List<Integer>> sections = new ArrayList<>();
        List<Integer> section = new ArrayList<>();
        int used = 0;
        for (List<Integer> group : groups()) {
            int room = group.stream().mapToInt(this::room).sum();
            if (!section.isEmpty() && INDENT.length() + names + used + room > ROOM) {
                sections.add(section);
                section = new ArrayList<>();
                used = 0;
            }
            section.addAll(group);
            used += room;
        }
        sections.add(section);
        return sections;
    }

    private List<List<Integer>> groups() {
        List<List<Integer>> groups = new ArrayList<>();
        for (int i = 0; i < grid.columns().size(); i++) {
            if (i == 0
                    || !grid.columns()
                            .get(i)
                            .set()
                            .equals(grid.columns().get(i - 1).set())) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(i);
        }
        return groups;
    }

    private void section(List<Integer> columns) {
        line("");
        StringBuilder sets = new StringBuilder(" ".repeat(INDENT.length() + names));
        StringBuilder parts = new StringBuilder(sets);
        String set = null;
        int reserved = sets.length();
        for (int i : columns) {
            Column column = grid.columns().get(i);
            if (!column.set().equals(set)) {
                sets.append(" ".repeat(Math.max(0, reserved - width(sets.toString()))))
                        .append(GAP)
                        .append(column.group());
                set = column.set();
            }
            parts.append(GAP).append(padded(column.name(), ours[i] + papers[i]));
            reserved += room(i);
        }
        line(sets.toString());
        line(parts.toString());
        for (Block block : grid.blocks()) {
            line(block.model());
            for (Line line : block.lines()) {
                StringBuilder cells = new StringBuilder(INDENT).append(padded(line.name(), names));
                for (int i : columns) {
                    Cell cell = line.cells().get(i);
                    cells.append(GAP).append(padded(ours(i, cell), ours[i])).append(padded(paper(cell), papers[i]));
                }
                line(cells.toString());
            }
        }
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - width(text)));
    }

    private void line(String line) {
        text.append(line.stripTrailing()).append(System.lineSeparator());
    }
}
