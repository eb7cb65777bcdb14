package dev.prag.reproduction.table;

import dev.prag.reproduction.table.Grid.Block;
import dev.prag.reproduction.table.Grid.Cell;
import dev.prag.reproduction.table.Grid.Column;
import dev.prag.reproduction.table.Grid.Line;

/** A table as Markdown (GFM), with all of its grids: the best bold, the second underlined, the paper's in parentheses. */
final class MarkdownTable {
    private MarkdownTable() {}

    static String of(Table table) {
        StringBuilder text = new StringBuilder("# " + escaped(table.title()) + "\n");
        for (Grid grid : table.grids()) {
            text.append("\n## ").append(escaped(grid.title())).append("\n\n");
            append(text, grid);
        }
        text.append("\nBold: the best of a model, underlined: the second. ")
                .append(escaped(table.legend()))
                .append('\n');
        if (!table.notes().isEmpty()) {
            text.append('\n');
            table.notes()
                    .forEach(note -> text.append("- ").append(escaped(note)).append('\n'));
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Grid grid) {
        text.append("| |");
        for (Column column : grid.columns()) {
            text.append(' ')
                    .append(escaped(column.group() + " " + column.name()))
                    .append(" |");
        }
        text.append("\n|---|").append("---|".repeat(grid.columns().size())).append('\n');
        for (Block block : grid.blocks()) {
            text.append("| **").append(escaped(block.model())).append("** |");
            text.append(" |".repeat(grid.columns().size())).append('\n');
            for (Line line : block.lines()) {
                text.append("| ").append(escaped(line.name())).append(" |");
                for (int i = 0; i < line.cells().size(); i++) {
                    text.append(' ')
                            .append(cell(line.cells().get(i), grid.columns().get(i)))
                            .append(" |");
                }
                text.append('\n');
            }
        }
    }

    private static String cell(Cell cell, Column column) {
        String number = CellText.number(cell, column);
        String marked =
                cell.mark().best() ? "**" + number + "**" : cell.mark().second() ? "<u>" + number + "</u>" : number;
        return marked
                + escaped(cell.mark().significance())
                + (cell.paper() == null ? "" : " (" + escaped(cell.paper().toString()) + ")");
    }

    /** Text that is no markup. */
    static String escaped(String text) {
        return text.replaceAll("[\\r\\n]+", " ").replaceAll("([\\\\`*_{}\\[\\]<>#|~&])", "\\\\$1");
    }
}
