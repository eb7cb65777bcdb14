package dev.prag.documents;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.ExactJson;
import dev.prag.base.UserException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Metadata as JSON and back, without losing a digit. */
public final class DocumentMetadata {
    private static final JsonMapper JSON = ExactJson.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private DocumentMetadata() {}

    /**
     * The metadata as JSON, its keys in order.
     *
     * @param metadata null is none
     * @throws UserException naming the document if something in it can't be kept
     */
    static String json(String document, Map<String, Object> metadata) {
        if (metadata == null) {
            return "{}";
        }
        check(document, metadata);
        try {
            return JSON.writeValueAsString(metadata);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "document " + document + ": the metadata can't be written as JSON",
                    e);
        }
    }

    /** What {@link #json} made, as it was. */
    public static Map<String, Object> parse(String json) {
        try {
            return JSON.readValue(json, OBJECT);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what the database keeps is JSON", e);
        }
    }

    private static void check(String document, Object value) {
        switch (value) {
            case Map<?, ?> map ->
                map.forEach((key, inner) -> {
                    check(document, key);
                    check(document, inner);
                });
            case List<?> list -> list.forEach(inner -> check(document, inner));
            case String text
            when text.indexOf('\0') >= 0 ->
                throw new UserException("document " + document + ": the metadata contains the character U+0000");
            case BigDecimal number when ExactJson.isTooLong(number) -> throw tooLong(document);
            case BigInteger number when ExactJson.isTooLong(new BigDecimal(number)) -> throw tooLong(document);
            case null, default -> {
                // Whatever else JSON can say is kept as it is.
            }
        }
    }

    private static UserException tooLong(String document) {
        return new UserException("document " + document + ": the metadata has a number of more than "
                + ExactJson.MOST_DIGITS + " digits; send it as a string");
    }
}
