package dev.prag.retrieval;

import dev.prag.base.UserException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Filters as they are typed: {@code key=value}, {@code key>=value} and so on. */
public final class FilterText {
    private static final Pattern CONDITION = Pattern.compile("(?s)([^=<>]+)(<=|>=|=|<|>)(.*)");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d{0,99})(\\.\\d{1,100})?");

    private FilterText() {}

    /**
     * The JSON of a filter, as {@link Filter#of} reads it. A value that is written like a number, or true or false, is
     * that and the text; of several {@code key=value} with the same key one suffices.
     *
     * @throws UserException naming the condition that is none
     */
    public static Map<String, Object> parse(List<String> conditions) {
        Map<String, List<Object>> values = new LinkedHashMap<>();
        Map<String, Map<String, Object>> bounds = new LinkedHashMap<>();
        for (String condition : conditions) {
            Matcher parts = CONDITION.matcher(condition);
            if (!parts.matches() || parts.group(1).isBlank()) {
                throw new UserException("filter \"" + condition
                        + "\" is none; write key=value, key>=value, key>value, key<=value or key<value");
            }
            String key = parts.group(1).strip();
            String value = parts.group(3).strip();
            switch (parts.group(2)) {
                case "=" -> values.computeIfAbsent(key, k -> new ArrayList<>()).addAll(meanings(value));
                case ">=" -> bound(bounds, key, "gte", value);
                case ">" -> bound(bounds, key, "gt", value);
                case "<=" -> bound(bounds, key, "lte", value);
                default -> bound(bounds, key, "lt", value);
            }
        }
        Map<String, Object> filter = new LinkedHashMap<>(values);
        bounds.forEach((key, range) -> {
            if (filter.put(key, range) != null) {
                throw new UserException("filter: \"" + key + "\" has both a value and bounds; give one of them");
            }
        });
        // What is wrong with it is said before anything is started.
        Filter.of(filter);
        return filter;
    }

    private static void bound(Map<String, Map<String, Object>> bounds, String key, String name, String value) {
        Object bound = NUMBER.matcher(value).matches() ? new BigDecimal(value) : value;
        if (bounds.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(name, bound) != null) {
            throw new UserException("filter: \"" + key + "\" has two bounds of the same side; give one of each side");
        }
    }

    private static List<Object> meanings(String value) {
        List<Object> meanings = new ArrayList<>(List.of(value));
        if (NUMBER.matcher(value).matches()) {
            meanings.add(new BigDecimal(value));
        } else if (value.equals("true") || value.equals("false")) {
            meanings.add(Boolean.valueOf(value));
        }
        return meanings;
    }
}
