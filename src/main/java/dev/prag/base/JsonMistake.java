package dev.prag.base;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import java.util.regex.Pattern;

/** What a parser of JSON found wrong, in words that belong into a message. */
public final class JsonMistake {
    /** How the parser names a place when it may not show the source. */
    private static final Pattern PLACE =
            Pattern.compile("\\[Source: .*? (?:disabled|UNKNOWN)\\)?[;,]? (line: \\d+, column: \\d+)]");

    /** Where the parser's bound comes from: a method of its own. */
    private static final Pattern BOUND = Pattern.compile(", from `[A-Za-z.()]+`");

    private JsonMistake() {}

    /** The parser's message without what it says about itself. */
    public static String said(JsonProcessingException e) {
        String placed = PLACE.matcher(e.getOriginalMessage()).replaceAll("$1");
        return BOUND.matcher(placed).replaceAll("").replace(" (start marker at line", " (begun at line");
    }

    /** Which field it is about, as in {@code "training.rank: "}; empty where that isn't known. */
    public static String where(JsonProcessingException e) {
        if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
            return "";
        }
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : mapping.getPath()) {
            path.append(step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName());
        }
        return path.substring(1) + ": ";
    }
}
