package dev.prag.reproduction.table;

import dev.prag.reproduction.table.Grid.Cell;
import dev.prag.reproduction.table.Grid.Column;
import java.util.Locale;

/** How figures are written. */
final class CellText {
    /** Where there is none. */
    static final String NONE = "–";

    private CellText() {}

    /** The value alone. */
    static String number(Cell cell, Column column) {
        return cell.value() == null ? NONE : String.format(Locale.ROOT, "%." + column.decimals() + "f", cell.value());
    }

    /** What is said of it where there is room: how many questions, and the interval. */
    static String details(Cell cell, Column column) {
        String n = cell.n() + (cell.n() == 1 ? " question" : " questions");
        if (cell.low() == null) {
            return n;
        }
        String bound = "%." + column.decimals() + "f";
        return String.format(Locale.ROOT, "%s, 95%%: " + bound + ".." + bound, n, cell.low(), cell.high());
    }
}
