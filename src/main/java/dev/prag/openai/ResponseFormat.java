package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.rest.FieldException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What the text has to be.
 *
 * @param type text, json_object or json_schema
 * @param jsonSchema of which, for the last
 */
@RegisterForReflection
@Schema(name = "OpenAiResponseFormat")
public record ResponseFormat(
        String type, @JsonProperty("json_schema") Named jsonSchema) {
    private static final String FIELD = "response_format";
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonSchema OBJECT = JsonSchema.of("{\"type\":\"object\"}");

    /**
     * A schema with a name.
     *
     * @param schema JSON schema; a text is always kept to it, {@code strict} or not
     */
    @RegisterForReflection
    @Schema(name = "OpenAiJsonSchema")
    public record Named(
            String name, @Schema(type = SchemaType.OBJECT) Object schema, Boolean strict) {}

    /**
     * What the text has to fit.
     *
     * @param format may be null
     * @return null for any text
     */
    static JsonSchema schema(ResponseFormat format) {
        if (format == null) {
            return null;
        }
        return switch (format.type()) {
            case "text" -> null;
            case "json_object" -> OBJECT;
            case "json_schema" -> {
                if (format.jsonSchema() == null || format.jsonSchema().schema() == null) {
                    throw new FieldException(
                            FIELD + ".json_schema.schema is missing; give a JSON schema",
                            FIELD + ".json_schema.schema");
                }
                yield JsonSchema.of(JSON.valueToTree(format.jsonSchema().schema()));
            }
            case null ->
                throw new FieldException(
                        FIELD + ".type is missing; give text, json_object or json_schema", FIELD + ".type");
            default ->
                throw new FieldException(
                        FIELD + ".type \"" + format.type() + "\" is not supported; give text, json_object or"
                                + " json_schema",
                        FIELD + ".type");
        };
    }
}
