package dev.prag.tensor.gguf;

import dev.prag.base.UserException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a GGUF file says besides its tensors: values by key. Values are asked for with the kind that they must have.
 *
 * @param origin the file, for messages
 * @param values Long for all whole numbers, Double, Boolean, String, or a List of these
 */
public record Metadata(String origin, Map<String, Object> values) {
    private static final String WHAT = "the metadata ";
    private static final int DEEPEST = 4;
    private static final int ARRAY = 9;

    static Metadata read(String origin, Cursor in, int count) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String key = in.name("the key of metadata number " + i);
            String what = WHAT + key;
            if (values.put(key, value(origin, in, what, in.i32(what), 0)) != null) {
                throw GgufFile.damaged(origin, what + " stands in it twice");
            }
        }
        return new Metadata(origin, values);
    }

    private static Object value(String origin, Cursor in, String what, int type, int depth) {
        return switch (type) {
            case 0 -> (long) (in.i8(what) & 0xFF);
            case 1 -> (long) in.i8(what);
            case 2 -> (long) (in.i16(what) & 0xFFFF);
            case 3 -> (long) in.i16(what);
            case 4 -> in.i32(what) & 0xFFFFFFFFL;
            case 5 -> (long) in.i32(what);
            case 6 -> (double) Float.intBitsToFloat(in.i32(what));
            case 7 -> in.i8(what) != 0;
            case 8 -> in.text(what);
            case ARRAY -> array(origin, in, what, depth);
            case 10, 11 -> in.i64(what);
            case 12 -> Double.longBitsToDouble(in.i64(what));
            default ->
                throw GgufFile.damaged(
                        origin, what + " is of the type number " + Integer.toUnsignedString(type) + ", which is none");
        };
    }

    private static List<Object> array(String origin, Cursor in, String what, int depth) {
        int type = in.i32(what);
        if (depth == DEEPEST) {
            throw GgufFile.damaged(origin, what + " holds lists within lists, more than " + DEEPEST + " deep");
        }
        int count = in.count("the length of " + what, leastBytes(type));
        List<Object> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(value(origin, in, what, type, depth + 1));
        }
        return values;
    }

    private static int leastBytes(int type) {
        return switch (type) {
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case 8, 10, 11, 12 -> 8;
            case ARRAY -> 12;
            default -> 1;
        };
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** The error of a file that lacks what it has to say. */
    public UserException missing(String key) {
        return new UserException(origin + " has no metadata " + key + "; use a complete GGUF file of the model");
    }

    /** The error of a value that can't be. */
    public UserException wrong(String key, String must) {
        Object value = values.get(key);
        String shown = value instanceof List<?> list ? "a list of " + list.size() : String.valueOf(value);
        return new UserException(origin + ": " + WHAT + key + " is "
                + (shown.length() > 80 ? shown.substring(0, 80) + "…" : shown) + " and " + must
                + "; use another GGUF file of the model");
    }

    public Optional<String> text(String key) {
        return get(key, String.class, "must be text");
    }

    public Optional<Boolean> flag(String key) {
        return get(key, Boolean.class, "must be true or false");
    }

    /** A whole number from 0 to the largest of 32 bits. */
    public Optional<Integer> integer(String key) {
        return get(key, Long.class, "must be a whole number").map(value -> {
            if (value < 0 || value > Integer.MAX_VALUE) {
                throw wrong(key, "must be from 0 to " + Integer.MAX_VALUE);
            }
            return value.intValue();
        });
    }

    /** The same, which must be there. */
    public int needInteger(String key) {
        return integer(key).orElseThrow(() -> missing(key));
    }

    public Optional<Double> number(String key) {
        return values.get(key) instanceof Long whole
                ? Optional.of(whole.doubleValue())
                : get(key, Double.class, "must be a number");
    }

    /** The same, which must be there. */
    public double needNumber(String key) {
        return number(key).orElseThrow(() -> missing(key));
    }

    /** A list whose elements are all of that kind: String, Long, Double or Boolean. */
    public <T> Optional<List<T>> list(String key, Class<T> kind) {
        String must = "must be a list of " + (kind == String.class ? "texts" : "numbers");
        return get(key, List.class, must).map(found -> {
            List<T> list = new ArrayList<>(found.size());
            for (Object element : found) {
                if (!kind.isInstance(element)) {
                    throw wrong(key, must);
                }
                list.add(kind.cast(element));
            }
            return list;
        });
    }

    private <T> Optional<T> get(String key, Class<T> kind, String must) {
        Object value = values.get(key);
        if (value != null && !kind.isInstance(value)) {
            throw wrong(key, must);
        }
        return Optional.ofNullable(value).map(kind::cast);
    }
}
