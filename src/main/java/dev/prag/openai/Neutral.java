package dev.prag.openai;

import dev.prag.rest.FieldException;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;

/** Fields of features that there aren't: taken where their value changes nothing, refused by name else. */
final class Neutral {
    private Neutral() {}

    /** Refuses anything but nothing: null, false, an empty list or object. */
    static void require(Object value, String field) {
        boolean nothing =
                switch (value) {
                    case null -> true;
                    case Boolean flag -> !flag;
                    case Collection<?> list -> list.isEmpty();
                    case Map<?, ?> object -> object.isEmpty();
                    default -> false;
                };
        if (!nothing) {
            throw new FieldException(field + " is not supported; leave it out", field);
        }
    }

    /** Refuses all numbers but one. */
    static void require(Number value, double neutral, String field) {
        if (value != null && value.doubleValue() != neutral) {
            String only = neutral == Math.rint(neutral) ? String.valueOf((long) neutral) : String.valueOf(neutral);
            throw new FieldException(
                    field + " is " + value + ", and only " + only + " is supported; leave it out", field);
        }
    }

    /** Refuses all words but these. */
    static void require(Object value, String field, Collection<String> neutral) {
        if (value != null && !neutral.contains(value)) {
            throw new FieldException(field + " is supported as " + String.join(" or ", neutral) + " alone", field);
        }
    }

    /** Refuses a bias for any token; one of 0 is none. */
    static void requireNoBias(Map<String, Double> bias, String field) {
        if (bias != null && bias.values().stream().filter(Objects::nonNull).anyMatch(value -> value != 0)) {
            throw new FieldException(field + " is not supported; leave it out", field);
        }
    }
}
