package dev.prag.reproduction.table;

import dev.prag.reproduction.table.Grid.Block;
import dev.prag.reproduction.table.Grid.Cell;
import dev.prag.reproduction.table.Grid.Column;
import dev.prag.reproduction.table.Grid.Line;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** A table as CSV, a line for each figure. */
final class CsvTable {
    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setRecordSeparator("\n")
            .setHeader(
                    "metric",
                    "model",
                    "row",
                    "set",
                    "part",
                    "n",
                    "value",
                    "low",
                    "high",
                    "best",
                    "second",
                    "worse_than_best",
                    "worse_than_parametric",
                    "paper",
                    "paper_marks")
            .get();

    private CsvTable() {}

    static String of(Table table) {
        StringWriter text = new StringWriter();
        try (CSVPrinter csv = new CSVPrinter(text, FORMAT)) {
            for (Grid grid : table.grids()) {
                for (Block block : grid.blocks()) {
                    for (Line line : block.lines()) {
                        for (int i = 0; i < line.cells().size(); i++) {
                            print(csv, grid, block, line, i);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void print(CSVPrinter csv, Grid grid, Block block, Line line, int i) throws IOException {
        Column column = grid.columns().get(i);
        Cell cell = line.cells().get(i);
        PaperFigure paper = cell.paper();
        csv.printRecord(
                grid.key(),
                block.model(),
                line.key(),
                column.set(),
                column.part(),
                cell.n(),
                cell.value(),
                cell.low(),
                cell.high(),
                cell.mark().best(),
                cell.mark().second(),
                cell.mark().worseThanBest(),
                cell.mark().worseThanParametric(),
                paper == null ? null : paper.number(),
                paper == null ? null : paper.toString().substring(paper.number().length()));
    }
}
