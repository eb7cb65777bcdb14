package dev.prag.retrieval;

import dev.prag.base.Hashes;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.lucene.util.NumericUtils;

/**
 * What filters see of a document's metadata: a term for each value under its path, and a number for each value that has
 * an order. The keys of nested objects are joined by dots; each element of an array is a value of the array's path. Two
 * fields hold all of it, so that metadata of any keys makes no more of them.
 *
 * @param terms path, type and value, as {@link #term} has it
 */
record MetadataTerms(Set<String> terms, List<Ordered> ordered) {
    /** The field of the terms. */
    static final String TERMS = "metadata";
    /** The field of the ordered values. */
    static final String ORDERED = "ordered";

    /** Values of a document that count; whoever has more keeps them, and isn't found by those behind. */
    static final int MOST_VALUES = 1000;
    /** A longer term is known by its hash: indexes have bounds. */
    private static final int MOST_BYTES = 1024;

    /**
     * A value with an order.
     *
     * @param path of what kind it is, and where
     */
    record Ordered(String path, long value) {
        static Ordered number(String path, double value) {
            return new Ordered("n" + path, NumericUtils.doubleToSortableLong(value));
        }

        static Ordered date(String path, long millis) {
            return new Ordered("d" + path, millis);
        }
    }

    static MetadataTerms of(Map<String, Object> metadata) {
        MetadataTerms all = new MetadataTerms(new LinkedHashSet<>(), new ArrayList<>());
        metadata.forEach(all::add);
        return all;
    }

    private void add(String path, Object value) {
        switch (value) {
            case Map<?, ?> map -> map.forEach((key, inner) -> add(path + "." + key, inner));
            case List<?> list -> list.forEach(inner -> add(path, inner));
            case null -> {
                // Nothing is there to be found.
            }
            default -> addValue(path, value);
        }
    }

    private void addValue(String path, Object value) {
        if (terms.size() >= MOST_VALUES || !terms.add(term(path, value))) {
            return;
        }
        if (value instanceof Number number) {
            ordered.add(Ordered.number(path, number.doubleValue()));
        } else if (value instanceof String text) {
            Optional<DateSpan> date = DateSpan.of(text);
            date.ifPresent(span -> ordered.add(Ordered.date(path, span.first())));
        }
    }

    /** The term of a string, a number or a boolean at a path: numbers of the same value have the same one. */
    static String term(String path, Object value) {
        String term = path
                + '\0'
                + switch (value) {
                    case Number number -> "n" + new BigDecimal(number.toString()).stripTrailingZeros();
                    case Boolean truth -> "b" + truth;
                    default -> "s" + value;
                };
        byte[] bytes = term.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= MOST_BYTES ? term : "\0" + Hashes.sha256(bytes);
    }
}
