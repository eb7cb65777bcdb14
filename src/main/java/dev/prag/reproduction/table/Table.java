package dev.prag.reproduction.table;

import dev.prag.reproduction.Twin;
import java.util.List;
import java.util.Locale;

/**
 * The twin of a table of the paper.
 *
 * @param grids the paper's figures first, then what else is measured
 * @param legend what the marks mean
 * @param notes what isn't as in the paper, in sentences for people
 */
public record Table(Twin twin, String title, List<Grid> grids, String legend, List<String> notes) {
    public Table {
        grids = List.copyOf(grids);
        notes = List.copyOf(notes);
    }

    /** What its files are called, such as {@code table1}. */
    String fileName() {
        return twin.name().toLowerCase(Locale.ROOT);
    }

    Grid main() {
        return grids.getFirst();
    }

    /** The first of its grids for a terminal, the paper's figure behind ours, and the notes. */
    public String toText() {
        return TextTable.of(this);
    }
}
