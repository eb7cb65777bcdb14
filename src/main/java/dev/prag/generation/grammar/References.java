package dev.prag.generation.grammar;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** What {@code $ref} refers to: a place in the same schema, as a JSON pointer (RFC 6901) behind {@code #}. */
record References(JsonNode root) {
    JsonNode target(Keywords keywords) {
        JsonNode reference = keywords.schema().get("$ref");
        JsonNode target = null;
        if (reference.isTextual() && reference.textValue().startsWith("#")) {
            try {
                String pointer = URLDecoder.decode(
                        reference.textValue().substring(1).replace("+", "%2B"), StandardCharsets.UTF_8);
                target = root.at(JsonPointer.compile(pointer));
            } catch (IllegalArgumentException e) {
                // No pointer: it refers to nothing.
                target = null;
            }
        }
        if (target == null || target.isMissingNode()) {
            throw keywords.wrong(
                    "$ref " + reference + " refers to nothing", "refer to a place in the schema, such as #/$defs/name");
        }
        return target;
    }
}
