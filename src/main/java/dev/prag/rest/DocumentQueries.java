package dev.prag.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.ExactJson;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.corpus.DocumentQuery;
import dev.prag.corpus.EncodingState;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** Reads which documents a list shows from the query of a request's address. */
final class DocumentQueries {
    private static final JsonMapper JSON = ExactJson.builder().build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private DocumentQueries() {}

    /** Each may be null or blank where it isn't asked for. */
    static DocumentQuery of(String limit, String after, String state, String title, String filter) {
        return new DocumentQuery(
                number(limit),
                isNone(after) ? null : after,
                isNone(state) ? null : state(state),
                isNone(title) ? null : title,
                isNone(filter) ? null : filter(filter));
    }

    private static boolean isNone(String value) {
        return value == null || value.isBlank();
    }

    private static int number(String limit) {
        try {
            return Integer.parseInt(limit.strip());
        } catch (NumberFormatException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "limit is \"" + limit + "\", which is not a whole number; give one from 1 to " + DocumentQuery.MOST,
                    e);
        }
    }

    private static EncodingState state(String name) {
        try {
            return EncodingState.valueOf(name.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "state is \"" + name + "\"; give one of " + Arrays.toString(EncodingState.values()),
                    e);
        }
    }

    private static Map<String, Object> filter(String json) {
        try {
            Map<String, Object> filter = JSON.readValue(json, OBJECT);
            if (filter != null) {
                return filter;
            }
            throw new UserException("filter is null; give a JSON object, or leave it out");
        } catch (JsonProcessingException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "filter is not a JSON object such as {\"product\":\"X\"}: " + JsonMistake.said(e),
                    e);
        }
    }
}
