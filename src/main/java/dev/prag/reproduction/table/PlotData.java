package dev.prag.reproduction.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a layer of a plot shows: columns of equal length. */
final class PlotData {
    private final Map<String, List<Object>> columns = new LinkedHashMap<>();

    PlotData(String... names) {
        for (String name : names) {
            columns.put(name, new ArrayList<>());
        }
    }

    /** @param values one for each column; null for none */
    void add(Object... values) {
        int i = 0;
        for (List<Object> column : columns.values()) {
            column.add(values[i++]);
        }
    }

    boolean hasValues(String name) {
        return columns.get(name).stream().anyMatch(Objects::nonNull);
    }

    Map<String, List<Object>> columns() {
        return columns;
    }
}
