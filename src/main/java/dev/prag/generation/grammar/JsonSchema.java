package dev.prag.generation.grammar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.ExactJson;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;

/**
 * A JSON schema (draft 2020-12) that a text has to fit; docs/engine.md says which keywords are understood. Two are equal
 * if they are the same JSON, the order of properties included: that is the order in which they are written.
 */
public final class JsonSchema {
    private static final JsonMapper JSON = ExactJson.builder().build();

    /** Any JSON value. */
    public static final JsonSchema ANY = of("true");

    private final JsonNode root;
    private final String text;

    private JsonSchema(JsonNode root) {
        this.root = root;
        text = root.toString();
    }

    /**
     * Reads a schema; whether it is supported shows when it meets a vocabulary.
     *
     * @throws UserException if it is no JSON, or neither an object nor a truth value
     */
    public static JsonSchema of(String json) {
        try {
            return of(JSON.readTree(json));
        } catch (JsonProcessingException e) {
            throw new UserException("the schema is no JSON: " + JsonMistake.said(e) + "; mend it there");
        }
    }

    /** The same of what was read already. */
    public static JsonSchema of(JsonNode json) {
        if (!json.isObject() && !json.isBoolean()) {
            throw new UserException("the schema is " + (json.isMissingNode() ? "empty" : json)
                    + "; give a JSON schema, such as {\"type\":\"object\"}");
        }
        return new JsonSchema(json);
    }

    JsonNode root() {
        return root;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonSchema that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As JSON. */
    @Override
    public String toString() {
        return text;
    }
}
