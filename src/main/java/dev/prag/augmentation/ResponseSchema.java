package dev.prag.augmentation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.prag.generation.grammar.JsonSchema;

/** What a LangChain4j request says about the form of its answer. */
final class ResponseSchema {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ResponseSchema() {}

    /** What an answer has to fit: any JSON value where no schema is given; null where it may be any text. */
    static JsonSchema of(ResponseFormat format) {
        if (format == null || format.type() != ResponseFormatType.JSON) {
            return null;
        }
        if (format.jsonSchema() == null) {
            return JsonSchema.ANY;
        }
        JsonSchemaElement root = format.jsonSchema().rootElement();
        return root instanceof JsonRawSchema raw
                ? JsonSchema.of(raw.schema())
                : JsonSchema.of(JSON.<JsonNode>valueToTree(JsonSchemaElementUtils.toMap(root)));
    }
}
