package dev.prag.reproduction.table;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.reproduction.table.Grid.Block;
import dev.prag.reproduction.table.Grid.Cell;
import dev.prag.reproduction.table.Grid.Column;
import dev.prag.reproduction.table.Grid.Line;

/** A table as JSON: grids, in them models, in them rows with a figure for each column. */
final class JsonTable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private JsonTable() {}

    static ObjectNode of(Table table) {
        ObjectNode root = JSON.createObjectNode();
        root.put("table", table.fileName());
        root.put("title", table.title());
        root.put("legend", table.legend());
        ArrayNode notes = root.putArray("notes");
        table.notes().forEach(notes::add);
        ArrayNode grids = root.putArray("grids");
        table.grids().forEach(grid -> add(grids.addObject(), grid));
        return root;
    }

    private static void add(ObjectNode node, Grid grid) {
        node.put("metric", grid.key());
        node.put("title", grid.title());
        ArrayNode models = node.putArray("models");
        for (Block block : grid.blocks()) {
            ObjectNode model = models.addObject().put("model", block.model());
            ArrayNode lines = model.putArray("rows");
            for (Line line : block.lines()) {
                ArrayNode cells = lines.addObject()
                        .put("row", line.key())
                        .put("name", line.name())
                        .putArray("cells");
                for (int i = 0; i < line.cells().size(); i++) {
                    add(cells.addObject(), grid.columns().get(i), line.cells().get(i));
                }
            }
        }
    }

    private static void add(ObjectNode node, Column column, Cell cell) {
        node.put("set", column.set());
        node.put("part", column.part());
        node.put("n", cell.n());
        node.put("value", cell.value());
        if (cell.low() != null) {
            node.putArray("value_95").add(cell.low()).add(cell.high());
        }
        node.put("best", cell.mark().best());
        node.put("second", cell.mark().second());
        node.put("worse_than_best", cell.mark().worseThanBest());
        node.put("worse_than_parametric", cell.mark().worseThanParametric());
        if (cell.paper() != null) {
            node.putObject("paper")
                    .put("value", cell.paper().value())
                    .put("printed", cell.paper().number())
                    .put("worse_than_best", cell.paper().worseThanBest())
                    .put("worse_than_parametric", cell.paper().worseThanParametric());
        }
    }
}
