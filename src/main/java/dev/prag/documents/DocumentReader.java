package dev.prag.documents;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.ExactJson;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads documents from JSON, one or a line each, with the fields id, title, text, metadata, pairs and readers (ids may be numbers, other
 * fields are ignored).
 */
public final class DocumentReader {
    private static final JsonMapper JSON = ExactJson.builder().build();
    private static final TypeReference<Map<String, Object>> METADATA = new TypeReference<>() {};

    private DocumentReader() {}

    /** JSON lines. */
    public static List<DocumentInput> readLines(byte[] bytes, String origin) {
        List<DocumentInput> documents = new ArrayList<>();
        int number = 0;
        for (String line : Utf8.decode(bytes, origin).lines().toList()) {
            number++;
            if (!line.isBlank()) {
                documents.add(JsonLines.document(line, origin + " line " + number));
            }
        }
        if (documents.isEmpty()) {
            throw new UserException(origin + " holds no document; each line is a JSON object with a field text");
        }
        return documents;
    }

    /** One JSON object as a document. */
    public static DocumentInput fromJson(JsonNode node, String where) {
        if (!node.isObject()) {
            throw new UserException(
                    where + " is not a JSON object; a document has the fields id, title, text, metadata");
        }
        JsonNode text = node.path("text");
        if (!text.isTextual()) {
            throw new UserException(where + (text.isMissingNode() ? " has no text" : " has a text that is not a string")
                    + "; a document needs the field text");
        }
        JsonNode title = node.path("title");
        if (!title.isMissingNode() && !title.isNull() && !title.isTextual()) {
            throw new UserException(where + " has a title that is not a string");
        }
        JsonNode id = node.path("id");
        if (!(id.isMissingNode() || id.isNull() || id.isTextual() || id.isNumber())) {
            throw new UserException(where + " has an id that is neither a string nor a number");
        }
        String name = id.isNumber()
                ? ExactJson.digits(id)
                        .orElseThrow(
                                () -> new UserException(
                                        where
                                                + " has an id that is a number with an exponent or too many digits; send it as a string"))
                : id.asText();
        if (id.isTextual()) {
            String problem = name.isBlank() ? "is an empty id" : DocumentId.problem(name);
            if (problem != null) {
                throw new UserException(
                        where + " has an id that isn't one: it " + problem + "; give another, or leave the field out");
            }
        }
        JsonNode metadata = node.path("metadata");
        if (!metadata.isMissingNode() && !metadata.isNull() && !metadata.isObject()) {
            throw new UserException(where + " has a metadata field that is not a JSON object");
        }
        return new DocumentInput(
                        id.isMissingNode() || id.isNull() ? null : name,
                        title.asText(""),
                        text.asText(),
                        metadata.isObject() ? JSON.convertValue(metadata, METADATA) : Map.of(),
                        null,
                        PairFiles.of(node.path("pairs"), where))
                .readBy(Readers.of(node.path("readers"), where));
    }
}
