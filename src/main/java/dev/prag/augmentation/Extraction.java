package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Locale;

/**
 * How the answer is found within what a model wrote.
 *
 * @param marker after which of a prompt set's markers it stands; null is the last
 * @param cutAt it ends before the first of these that appears in it; null is the end of its line, without a final full
 *     stop
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Extraction(
        @JsonSetter(nulls = Nulls.SET) Marker marker,
        @JsonSetter(nulls = Nulls.SET) List<String> cutAt) {
    /** What follows the last marker, up to the end of the line. */
    public static final Extraction DEFAULT = new Extraction(null, null);

    /** Which of the markers counts. */
    @RegisterForReflection
    public enum Marker {
        /** The first of the assistant's whole turn, its given beginning included. */
        @JsonProperty("first")
        FIRST,
        /** The last of what the model wrote. */
        @JsonProperty("last")
        LAST
    }

    public Extraction {
        cutAt = cutAt == null ? null : List.copyOf(cutAt);
        if (cutAt != null && cutAt.contains("")) {
            throw new UserException(
                    "recipe: answering.extraction.cutAt holds an empty text; give what ends an answer, such as"
                            + " [\".\", \"\\n\", \",\"]");
        }
    }

    /**
     * The answer.
     *
     * @param start how the assistant's turn began before what the model wrote
     * @param text what the model wrote
     * @param markers whatever their case
     */
    String of(String start, String text, List<String> markers) {
        String whole = marker == Marker.FIRST ? start + text : text;
        int from = from(whole, markers);
        String answer = (from < 0 ? text : whole.substring(from)).strip();
        if (answer.startsWith(":")) {
            answer = answer.substring(1).strip();
        }
        if (cutAt == null) {
            answer = cut(answer, "\n");
            return answer.endsWith(".")
                    ? answer.substring(0, answer.length() - 1).strip()
                    : answer;
        }
        for (String end : cutAt) {
            answer = cut(answer, end);
        }
        return answer;
    }

    /** Behind the marker that counts; -1 where there is none. */
    private int from(String text, List<String> markers) {
        String lower = text.toLowerCase(Locale.ROOT);
        int from = -1;
        for (String each : markers) {
            String wanted = each.toLowerCase(Locale.ROOT);
            int at = marker == Marker.FIRST ? lower.indexOf(wanted) : lower.lastIndexOf(wanted);
            int behind = at + wanted.length();
            if (at >= 0 && (from < 0 || (marker == Marker.FIRST ? behind < from : behind > from))) {
                from = behind;
            }
        }
        return from;
    }

    private static String cut(String answer, String end) {
        int at = answer.indexOf(end);
        return at < 0 ? answer : answer.substring(0, at).strip();
    }
}
