package dev.prag.reproduction.table;

import static dev.prag.reproduction.table.Html.escaped;

import dev.prag.reproduction.table.Grid.Block;
import dev.prag.reproduction.table.Grid.Cell;
import dev.prag.reproduction.table.Grid.Column;
import dev.prag.reproduction.table.Grid.Line;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A table as one page that needs nothing else: the paper's figures, plots, and what else is measured. */
final class HtmlPage {
    private static final String STYLE = "/reproduction/page.css";

    private final StringBuilder page = new StringBuilder();

    private HtmlPage() {}

    static String of(Table table) {
        HtmlPage html = new HtmlPage();
        html.write(table);
        return html.page.toString();
    }

    private void write(Table table) {
        String title = escaped(table.title());
        line("<!DOCTYPE html>");
        line("<html lang=\"en\">");
        line("<head>");
        line("<meta charset=\"utf-8\">");
        line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        line("<meta name=\"color-scheme\" content=\"light dark\">");
        line("<title>" + title + "</title>");
        line("<style>");
        page.append(style());
        line("</style>");
        line("</head>");
        line("<body>");
        line("<main>");
        line("<h1>" + title + "</h1>");
        grid(table.main());
        line("<p class=\"legend\">Bold: the best of a model, underlined: the second. " + escaped(table.legend())
                + "</p>");
        if (!table.notes().isEmpty()) {
            line("<h2>Notes</h2>");
            line("<ul>");
            table.notes().forEach(note -> line("<li>" + escaped(note) + "</li>"));
            line("</ul>");
        }
        line("<h2>Plots</h2>");
        for (Plots.Plot plot : Plots.of(table)) {
            line("<figure>");
            line(plot.svg());
            line("<figcaption>" + escaped(plot.caption()) + "</figcaption>");
            line("</figure>");
        }
        line("<h2>What else is measured</h2>");
        table.grids().stream().skip(1).forEach(grid -> {
            line("<details>");
            line("<summary>" + escaped(grid.title()) + "</summary>");
            grid(grid);
            line("</details>");
        });
        line("</main>");
        line("</body>");
        line("</html>");
    }

    private void grid(Grid grid) {
        line("<div class=\"wide\">");
        line("<table>");
        line("<caption>" + escaped(grid.title()) + "</caption>");
        line("<thead>");
        head(grid);
        line("</thead>");
        for (Block block : grid.blocks()) {
            line("<tbody>");
            line("<tr class=\"model\"><th scope=\"rowgroup\" colspan=\""
                    + (grid.columns().size() + 1) + "\">" + escaped(block.model()) + "</th></tr>");
            for (Line line : block.lines()) {
                page.append("<tr><th scope=\"row\">")
                        .append(escaped(line.name()))
                        .append("</th>");
                for (int i = 0; i < line.cells().size(); i++) {
                    cell(line.cells().get(i), grid.columns().get(i), isFirst(grid, i));
                }
                line("</tr>");
            }
            line("</tbody>");
        }
        line("</table>");
        line("</div>");
    }

    private void head(Grid grid) {
        page.append("<tr><td></td>");
        for (int i = 0; i < grid.columns().size(); i++) {
            if (isFirst(grid, i)) {
                Column column = grid.columns().get(i);
                long span = grid.columns().stream()
                        .filter(other -> other.set().equals(column.set()))
                        .count();
                page.append("<th scope=\"colgroup\" class=\"first\" colspan=\"")
                        .append(span)
                        .append("\">")
                        .append(escaped(column.group()))
                        .append("</th>");
            }
        }
        line("</tr>");
        page.append("<tr><td></td>");
        for (int i = 0; i < grid.columns().size(); i++) {
            page.append(isFirst(grid, i) ? "<th scope=\"col\" class=\"first\">" : "<th scope=\"col\">")
                    .append(escaped(grid.columns().get(i).name()))
                    .append("</th>");
        }
        line("</tr>");
    }

    /** Whether a set begins with this column. */
    private static boolean isFirst(Grid grid, int column) {
        return column == 0
                || !grid.columns()
                        .get(column)
                        .set()
                        .equals(grid.columns().get(column - 1).set());
    }

    private void cell(Cell cell, Column column, boolean first) {
        String number = escaped(CellText.number(cell, column));
        page.append("<td")
                .append(first ? " class=\"first\"" : "")
                .append(" title=\"")
                .append(escaped(CellText.details(cell, column)))
                .append("\">")
                .append(
                        cell.mark().best()
                                ? "<b>" + number + "</b>"
                                : cell.mark().second() ? "<u>" + number + "</u>" : number);
        if (!cell.mark().significance().isEmpty()) {
            page.append("<sup>").append(cell.mark().significance()).append("</sup>");
        }
        if (cell.paper() != null) {
            page.append(" <small>(").append(escaped(cell.paper().toString())).append(")</small>");
        }
        page.append("</td>");
    }

    private static String style() {
        try (InputStream style = HtmlPage.class.getResourceAsStream(STYLE)) {
            return new String(style.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void line(String line) {
        page.append(line).append('\n');
    }
}
