package dev.prag.rest;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import java.io.IOException;
import java.util.stream.Collectors;

/** Reads JSON bodies, so that what is wrong with one is said in the words of the request. */
final class RequestBodies {
    private RequestBodies() {}

    /** The body as a value of the type. */
    static <T> T read(ObjectMapper json, byte[] body, Class<T> type) {
        if (body.length == 0) {
            throw new UserException("the request has no body; send a JSON object");
        }
        try {
            T value = json.readValue(body, type);
            if (value == null) {
                throw new UserException("the request's body is null; send a JSON object");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw mistake(e);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, "the request's body cannot be read: " + e.getMessage(), e);
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
                    default -> "the request's body is not what is expected: " + JsonMistake.said(e);
                };
        return new UserException(UserException.Kind.BAD_INPUT, message, e);
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : part.getFieldName())
                .collect(Collectors.joining("."));
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
            default -> "of the expected type";
        };
    }
}
