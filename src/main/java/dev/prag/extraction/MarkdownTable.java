package dev.prag.extraction;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A table on its way to lines of text. */
final class MarkdownTable {
    /** What a spreadsheet's column is called is no sentence. */
    private static final int LONGEST_NAME = 60;

    private final boolean sheet;
    private final List<List<String>> rows = new ArrayList<>();
    private List<String> row;

    /** @param sheet whether its first row may name the columns of all others */
    MarkdownTable(boolean sheet) {
        this.sheet = sheet;
    }

    void startRow() {
        row = new ArrayList<>();
    }

    void cell(String text) {
        if (row == null) {
            startRow();
        }
        row.add(text.replaceAll("\\s+", " ").strip());
    }

    void endRow() {
        if (row != null) {
            while (!row.isEmpty() && row.getLast().isEmpty()) {
                row.removeLast();
            }
            if (!row.isEmpty()) {
                rows.add(row);
            }
            row = null;
        }
    }

    /**
     * Its lines: of a sheet whose columns have names an item for each row, with the name before each value, so that a
     * row says it all wherever it stands; of another table rows between bars; of a single column paragraphs.
     */
    List<String> lines() {
        endRow();
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        List<String> lines = new ArrayList<>();
        if (columns == 1) {
            for (List<String> one : rows) {
                lines.add(one.getFirst());
                lines.add("");
            }
        } else if (sheet && rows.size() > 1 && isHead(rows.getFirst(), columns)) {
            List<String> head = rows.getFirst();
            rows.subList(1, rows.size()).forEach(one -> lines.add(named(head, one)));
        } else if (columns > 1) {
            lines.add(barred(rows.getFirst(), columns));
            lines.add("|" + " --- |".repeat(columns));
            rows.subList(1, rows.size()).forEach(one -> lines.add(barred(one, columns)));
        }
        return lines;
    }

    private static boolean isHead(List<String> first, int columns) {
        Set<String> names = new HashSet<>(first);
        return first.size() == columns
                && names.size() == columns
                && first.stream()
                        .allMatch(name -> !name.isEmpty()
                                && name.length() <= LONGEST_NAME
                                && Character.isLetter(name.codePointAt(0)));
    }

    private static String named(List<String> head, List<String> row) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            if (!row.get(i).isEmpty()) {
                parts.add(head.get(i) + ": " + row.get(i));
            }
        }
        return "- " + String.join("; ", parts);
    }

    private static String barred(List<String> row, int columns) {
        StringBuilder line = new StringBuilder("|");
        for (int i = 0; i < columns; i++) {
            String cell = i < row.size() ? row.get(i).replace("|", "\\|") : "";
            line.append(cell.isEmpty() ? "" : " " + cell).append(" |");
        }
        return line.toString();
    }
}
