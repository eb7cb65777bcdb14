package dev.prag.openai;

import dev.prag.answering.Writing;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.rest.FieldException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Reads the fields that say how a text is written, which chats and texts have alike. */
final class WritingFields {
    private static final int MOST_STOPS = 16;
    private static final int MOST_TOP = 20;

    private WritingFields() {}

    /**
     * How a text is written.
     *
     * @param temperature null is greedy
     * @param seed null is another one each time
     * @param topLogprobs how many of the most probable tokens are told of
     */
    static Writing writing(
            Double temperature, Double topP, Long seed, Object stop, JsonSchema schema, int topLogprobs) {
        require(
                temperature == null || temperature >= 0 && temperature <= 5,
                "temperature",
                temperature,
                "0 (greedy) to 5");
        require(topP == null || topP >= 0 && topP <= 1, "top_p", topP, "0 to 1");
        return new Writing(
                temperature == null ? 0 : temperature,
                topP == null ? 1 : Math.max(topP, Float.MIN_NORMAL),
                seed == null ? ThreadLocalRandom.current().nextLong() : seed,
                stops(stop),
                schema,
                topLogprobs);
    }

    /** The bound that is given; of two the newer one counts. */
    static Integer maxTokens(Integer maxTokens, Integer maxCompletionTokens) {
        require(maxTokens == null || maxTokens >= 1, "max_tokens", maxTokens, "1 or more");
        require(
                maxCompletionTokens == null || maxCompletionTokens >= 1,
                "max_completion_tokens",
                maxCompletionTokens,
                "1 or more");
        return maxCompletionTokens == null ? maxTokens : maxCompletionTokens;
    }

    /** How many of the most probable tokens are wanted, at most 20. */
    static int top(Integer count, String field) {
        require(count == null || count >= 0 && count <= MOST_TOP, field, count, "0 to " + MOST_TOP);
        return count == null ? 0 : count;
    }

    private static List<String> stops(Object stop) {
        List<String> stops = new ArrayList<>();
        switch (stop) {
            case null -> {}
            case String text -> stops.add(text);
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    if (!(list.get(i) instanceof String text)) {
                        throw new FieldException("stop[" + i + "] is not a string", "stop");
                    }
                    stops.add(text);
                }
            }
            default -> throw new FieldException("stop is neither a string nor a list of strings", "stop");
        }
        require(stops.size() <= MOST_STOPS, "stop", stops.size() + " strings", "up to " + MOST_STOPS);
        if (stops.contains("")) {
            throw new FieldException("stop holds an empty string; leave it out", "stop");
        }
        return stops;
    }

    private static void require(boolean holds, String field, Object value, String range) {
        if (!holds) {
            throw new FieldException(field + " is " + value + "; give " + range, field);
        }
    }
}
