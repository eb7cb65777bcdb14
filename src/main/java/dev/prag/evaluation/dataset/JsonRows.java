package dev.prag.evaluation.dataset;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** A data set that is one JSON list of objects. */
final class JsonRows implements Rows {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** How the parser begins what it says of a file that ends too early. */
    private static final String CUT_OFF = "Unexpected end-of-input";

    private final Function<Row, PublishedQuestion> question;

    /** @param question makes a question of a row; null of one that has no answer */
    JsonRows(Function<Row, PublishedQuestion> question) {
        this.question = question;
    }

    @Override
    public int read(Path file, Predicate<PublishedQuestion> each) {
        int unanswered = 0;
        int number = 0;
        try (JsonParser parser = JSON.getFactory().createParser(Files.newInputStream(file))) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new UserException(file + " is not a JSON list; take the file as it is published");
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                number++;
                int line = parser.currentTokenLocation().getLineNr();
                String where = file + " row " + number + " (line " + line + ")";
                PublishedQuestion next = question.apply(new Row(JSON.readTree(parser), where));
                if (next == null) {
                    unanswered++;
                } else if (!each.test(next)) {
                    break;
                }
            }
            return unanswered;
        } catch (JsonProcessingException e) {
            boolean cutOff = e.getOriginalMessage().startsWith(CUT_OFF);
            throw new UserException(
                    Kind.BAD_INPUT,
                    cutOff
                            ? file + " ends within its list, at row " + number
                                    + "; it was likely cut off: fetch it again"
                            : file + " row " + Math.max(1, number) + " is not JSON (" + JsonMistake.said(e)
                                    + "); take the file as it is published",
                    e);
        } catch (IOException e) {
            throw new UserException(Kind.ENVIRONMENT, file + " can't be read: " + IoReason.of(e) + "; check it", e);
        }
    }

    /**
     * An element of the list.
     *
     * @param where how messages call it
     */
    record Row(JsonNode node, String where) {
        Row {
            if (!node.isObject()) {
                throw new UserException(where + " is not a JSON object; take the file as it is published");
            }
        }

        /** The text of a field that has to be there. */
        String text(String field) {
            String text = textOrNull(field);
            if (text == null) {
                throw missing(field, "text");
            }
            return text;
        }

        /** The text of a field; null where it isn't there, null or blank. */
        String textOrNull(String field) {
            return textOrNull(node.path(field), field);
        }

        String textOrNull(JsonNode value, String field) {
            if (value.isMissingNode() || value.isNull()) {
                return null;
            }
            if (!value.isValueNode()) {
                throw missing(field, "text");
            }
            String text = value.asText().strip();
            return text.isEmpty() ? null : text;
        }

        /** The elements of a list that has to be there. */
        List<JsonNode> list(String field) {
            JsonNode list = node.path(field);
            if (!list.isArray()) {
                throw missing(field, "a list");
            }
            List<JsonNode> elements = new ArrayList<>();
            list.forEach(elements::add);
            return elements;
        }

        /** The texts of a list within. */
        List<String> texts(JsonNode list, String field) {
            List<String> texts = new ArrayList<>();
            if (!list.isMissingNode() && !list.isNull()) {
                if (!list.isArray()) {
                    throw missing(field, "a list of texts");
                }
                for (JsonNode element : list) {
                    String text = textOrNull(element, field);
                    if (text != null) {
                        texts.add(text);
                    }
                }
            }
            return texts;
        }

        UserException missing(String field, String need) {
            boolean there = node.has(field) && !node.get(field).isNull();
            return new UserException(where + (there ? " has a field " + field + " that isn't " : " has no field ")
                    + (there ? need : field + ", which has to be " + need)
                    + "; take the file as it is published");
        }
    }
}
