package dev.prag.augmentation;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads question/answer pairs out of what a model wrote. The JSON may stand among other words or in a Markdown fence,
 * be a list, an object around a list, or end too early: every complete object counts. An object counts only if its
 * question and answer are text that isn't blank; where the sentence is missing, the answer stands in for it.
 */
public final class PairParser {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .build();
    /** A question or an answer longer than this is not what was asked for. */
    private static final int MAX_CHARACTERS = 2000;

    private PairParser() {}

    /** The pairs within the text in their order; empty if it holds none. */
    public static List<Pair> parse(String text) {
        for (int at = start(text, 0); at >= 0; at = start(text, at + 1)) {
            List<Pair> pairs = pairsFrom(text.substring(at));
            if (!pairs.isEmpty()) {
                return pairs;
            }
        }
        return List.of();
    }

    /** A form in which two questions that differ only in case, space or final punctuation are the same. */
    static String normalised(String question) {
        return question.toLowerCase(Locale.ROOT).strip().replaceAll("\\s+", " ").replaceAll("[\\s?.!]+$", "");
    }

    private static int start(String text, int from) {
        int list = text.indexOf('[', from);
        int object = text.indexOf('{', from);
        return list < 0 ? object : object < 0 ? list : Math.min(list, object);
    }

    private static List<Pair> pairsFrom(String text) {
        List<Pair> pairs = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(text)) {
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT
                        && parser.getParsingContext().getParent().inArray()) {
                    addPair(pairs, JSON.readTree(parser));
                } else if (token == JsonToken.START_ARRAY || token == JsonToken.START_OBJECT) {
                    depth++;
                } else if (token == JsonToken.END_ARRAY || token == JsonToken.END_OBJECT) {
                    depth--;
                }
                if (depth == 0) {
                    break;
                }
            }
        } catch (IOException e) {
            // Broken or cut off from here on: what was complete before it counts.
            return pairs;
        }
        return pairs;
    }

    private static void addPair(List<Pair> pairs, JsonNode object) {
        String question = text(object.path("question"));
        String answer = text(object.path("answer"));
        String fullAnswer = text(object.path("full_answer"));
        if (!question.isEmpty() && !answer.isEmpty()) {
            pairs.add(new Pair(question, answer, fullAnswer.isEmpty() ? answer : fullAnswer));
        }
    }

    /** Numbers and truth values count as their text; anything else, or too much of it, as nothing. */
    private static String text(JsonNode node) {
        String text = node.isValueNode() && !node.isNull() ? node.asText().strip() : "";
        return text.length() > MAX_CHARACTERS ? "" : text;
    }
}
