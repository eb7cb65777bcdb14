package dev.prag.reproduction.table;

import dev.prag.reproduction.Answered;
import dev.prag.reproduction.Series;
import dev.prag.reproduction.Twin;
import dev.prag.reproduction.table.Grid.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;

/** All answers of a table, by model, row and column. */
final class Cube {
    private static final String BY_TYPE = "types";

    private record Place(String model, String line, String set, String sample) {}

    private final Twin twin;
    private final Map<Place, List<Answered>> answers = new LinkedHashMap<>();

    /** @throws IllegalArgumentException if two series are in the same place */
    Cube(Twin twin, List<Series> series) {
        this.twin = twin;
        for (Series each : series) {
            Place place = new Place(each.model(), line(each), each.set(), each.sample());
            if (answers.put(place, each.answers()) != null) {
                throw new IllegalArgumentException("two series of " + place);
            }
        }
    }

    private String line(Series series) {
        return switch (twin) {
            case TABLE1, TABLE4 -> series.method();
            case TABLE2, TABLE3, FIGURE3 -> series.variant();
        };
    }

    List<String> models() {
        return answers.keySet().stream().map(Place::model).distinct().toList();
    }

    /** The rows of all models, so that one that is missing shows. */
    List<String> lines() {
        return Names.inOrderOfLines(
                twin, answers.keySet().stream().map(Place::line).distinct().toList());
    }

    /** As {@link #lines()}, but for a table whose rows are models, where each model has its own. */
    List<String> lines(String model) {
        return twin != Twin.TABLE3
                ? lines()
                : answers.keySet().stream()
                        .filter(place -> place.model().equals(model))
                        .map(Place::line)
                        .distinct()
                        .toList();
    }

    List<String> sets() {
        return Names.inOrderOfSets(
                answers.keySet().stream().map(Place::set).distinct().toList());
    }

    /**
     * The columns of scores: of the paper's sets those that the paper has, of others all types, and the total. Those that
     * nothing was asked for are left out.
     */
    List<Column> columns(int decimals) {
        List<Column> columns = new ArrayList<>();
        for (String set : sets()) {
            for (String part :
                    Stream.concat(types(set).stream(), Stream.of(Names.TOTAL)).toList()) {
                boolean asked = answers.keySet().stream()
                        .anyMatch(place -> place.set().equals(set)
                                && !of(place.model(), place.line(), set, part).isEmpty());
                if (asked) {
                    columns.add(new Column(set, part, Names.set(set), Names.part(set, part), decimals));
                }
            }
        }
        return columns;
    }

    private List<String> types(String set) {
        if (Names.isPapers(set)) {
            return twin == Twin.TABLE1 ? Names.types(set) : List.of();
        }
        TreeSet<String> types = new TreeSet<>();
        answers.forEach((place, given) -> {
            if (place.set().equals(set)) {
                given.forEach(answer -> types.add(answer.type()));
            }
        });
        types.remove(Names.TOTAL);
        return types.size() == 1 ? List.of() : List.copyOf(types);
    }

    /**
     * The answers of a row to the questions of a column; empty where none were asked. Of the paper's sets types and total
     * are samples of their own; of others one stands for the other.
     */
    List<Answered> of(String model, String line, String set, String part) {
        boolean total = part.equals(Names.TOTAL);
        List<Answered> sample = answers.get(new Place(model, line, set, total ? Names.TOTAL : BY_TYPE));
        if (sample == null && !Names.isPapers(set)) {
            sample = answers.get(new Place(model, line, set, total ? BY_TYPE : Names.TOTAL));
        }
        return Objects.requireNonNullElse(sample, List.<Answered>of()).stream()
                .filter(answer -> total || answer.type().equals(part))
                .toList();
    }
}
