package dev.prag.rest;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.prag.base.ExactJson;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import java.io.IOException;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** Reads bodies, so that what is wrong with one is said in the words of the request. */
final class RequestBodies {
    /** Takes a value of another type for the mistake that it is. Fields that it doesn't know are ignored. */
    private static final JsonMapper JSON = ExactJson.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(
                    LogicalType.Textual, texts -> texts.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail))
            .build();

    /** One value of several that follow each other. */
    private static final ObjectReader TREES =
            JSON.readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private RequestBodies() {}

    /** All that a body holds. */
    static byte[] bytes(Body body) {
        try {
            return body.readAllBytes();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Hands over the documents of a JSON body one by one: the only one, or the elements of a list. */
    static void documents(Body body, BiConsumer<JsonNode, String> each) {
        try (JsonParser parser = JSON.createParser(body)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new UserException("the request has no body; send a JSON object");
            }
            if (first != JsonToken.START_ARRAY) {
                each.accept(TREES.readValue(parser), "the document");
            } else {
                int number = 0;
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    each.accept(TREES.readValue(parser), "document " + ++number + " of the list");
                }
                if (number == 0) {
                    throw new UserException("the list of documents is empty; send at least one");
                }
            }
            if (parser.nextToken() != null) {
                throw new UserException("the request's body goes on behind its JSON; send one object or one list");
            }
        } catch (JsonProcessingException e) {
            throw mistake(e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static UserException unreadable(IOException e) {
        return new UserException(
                UserException.Kind.BAD_INPUT, "the request's body cannot be read: " + IoReason.of(e), e);
    }

    /** The body as a value of the type. */
    static <T> T read(byte[] body, Class<T> type) {
        if (body.length == 0) {
            throw new UserException("the request has no body; send a JSON object");
        }
        try {
            T value = JSON.readValue(body, type);
            if (value == null) {
                throw new UserException("the request's body is null; send a JSON object");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw mistake(e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static UserException mistake(JsonProcessingException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserException ours) {
                return ours;
            }
        }
        String message =
                switch (e) {
                    case JsonParseException parse ->
                        "the request's body is not JSON (line "
                                + parse.getLocation().getLineNr() + ", column "
                                + parse.getLocation().getColumnNr() + "): " + JsonMistake.said(parse);
                    case InvalidFormatException format ->
                        "the field " + path(format) + " is \"" + format.getValue() + "\", which is not "
                                + kind(format.getTargetType());
                    case MismatchedInputException mismatch
                    when !mismatch.getPath().isEmpty() ->
                        "the field " + path(mismatch) + " is not " + kind(mismatch.getTargetType());
                    case MismatchedInputException mismatch ->
                        "the request's body is JSON of another kind than expected; GET /q/openapi shows which";
                    default -> "the request's body is not what is expected: " + JsonMistake.said(e);
                };
        return e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()
                ? new FieldException(UserException.Kind.BAD_INPUT, message, path(mapping), null, e)
                : new UserException(UserException.Kind.BAD_INPUT, message, e);
    }

    /** As {@code messages[0].content}. */
    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : "." + part.getFieldName())
                .collect(Collectors.joining())
                .substring(e.getPath().getFirst().getFieldName() == null ? 0 : 1);
    }

    private static String kind(Class<?> type) {
        if (type == null) {
            return "of the expected type";
        }
        return switch (type.getSimpleName()) {
            case "Integer", "int", "Long", "long" -> "a whole number";
            case "Double", "double", "Float", "float" -> "a number";
            case "String" -> "a string";
            case "Boolean", "boolean" -> "true or false";
            case "Map", "LinkedHashMap" -> "an object";
            default -> "of the expected type";
        };
    }
}
