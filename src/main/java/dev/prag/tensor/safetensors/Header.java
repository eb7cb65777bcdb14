package dev.prag.tensor.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The header of a safetensors file, checked against the file's size: the tensors fill the data exactly, without holes
 * or overlaps.
 */
final class Header {
    /** Longest header that is read: the limit of the format's reference implementation. */
    static final long MAX_BYTES = 100_000_000;

    private static final String DAMAGED = "; the file is damaged or was not copied whole: copy or download it again";
    private static final Set<String> FIELDS = Set.of("dtype", "shape", "data_offsets");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Where a tensor lies: the bytes [begin, end) after the header. */
    @SuppressWarnings("ArrayRecordComponent") // Entries are told apart by name.
    record Entry(String name, StoredType type, int[] shape, long begin, long end) {}

    private final String origin;
    private final int bytes;
    private final Map<String, Entry> entries;
    private final Map<String, String> metadata;

    private Header(String origin, int bytes, Map<String, Entry> entries, Map<String, String> metadata) {
        this.origin = origin;
        this.bytes = bytes;
        this.entries = entries;
        this.metadata = metadata;
    }

    /** Its length, without the eight bytes that say so. */
    int bytes() {
        return bytes;
    }

    /** Tensors by name, in the order in which they lie in the file. */
    Map<String, Entry> entries() {
        return entries;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** Checks the length that the first eight bytes give. */
    static void checkLength(String origin, long length, long fileBytes) {
        if (length < 0 || length > MAX_BYTES) {
            throw damaged(
                    origin,
                    "its first eight bytes say that the header has " + Long.toUnsignedString(length)
                            + " bytes, more than the limit of " + MAX_BYTES);
        }
        if (length > fileBytes - 8) {
            throw damaged(
                    origin,
                    "truncated: its header should have " + length + " bytes, but only " + (fileBytes - 8) + " follow");
        }
    }

    static UserException damaged(String origin, String cause) {
        return new UserException(origin + " is not a valid safetensors file: " + cause + DAMAGED);
    }

    /**
     * Parses and checks a header.
     *
     * @param origin file name for messages
     * @param dataBytes bytes of the file after the header
     */
    static Header parse(String origin, byte[] json, long dataBytes) {
        JsonNode root;
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
            root = JSON.readTree(text);
        } catch (CharacterCodingException e) {
            throw damaged(origin, "its header is not JSON: not UTF-8");
        } catch (JsonProcessingException e) {
            String what = JsonMistake.said(e);
            throw damaged(
                    origin,
                    what.startsWith("Duplicate")
                            ? "its header names something twice: " + what
                            : "its header is not JSON: " + what);
        }
        if (!root.isObject()) {
            throw damaged(origin, "its header is not JSON of the right kind: an object is needed");
        }
        Header header = new Header(origin, json.length, new LinkedHashMap<>(), new TreeMap<>());
        List<Entry> found = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals("__metadata__")) {
                header.readMetadata(field.getValue());
            } else {
                found.add(header.entry(field.getKey(), field.getValue()));
            }
        }
        header.place(found, dataBytes);
        return header;
    }

    private void readMetadata(JsonNode node) {
        if (!node.isObject()) {
            throw damaged(origin, "__metadata__ is not an object of strings");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!field.getValue().isTextual()) {
                throw damaged(origin, "__metadata__ holds " + field.getKey() + ", which is not a string");
            }
            metadata.put(field.getKey(), field.getValue().textValue());
        }
    }

    private Entry entry(String name, JsonNode node) {
        if (!node.isObject()) {
            throw damaged(origin, "tensor " + name + " is not described by an object");
        }
        for (String field : FIELDS) {
            if (!node.has(field)) {
                throw damaged(origin, "tensor " + name + " has no " + field);
            }
        }
        StoredType type = type(name, node.get("dtype"));
        int[] shape = shape(name, node.get("shape"));
        JsonNode offsets = node.get("data_offsets");
        if (!offsets.isArray() || offsets.size() != 2) {
            throw damaged(origin, "the data_offsets of tensor " + name + " are not a pair of numbers");
        }
        long begin = number(name, "data_offsets", offsets.get(0));
        long end = number(name, "data_offsets", offsets.get(1));
        if (end < begin) {
            throw damaged(
                    origin, "the data_offsets of tensor " + name + " end before they begin: " + begin + " to " + end);
        }
        long bits = type.bits();
        for (int size : shape) {
            bits = size == 0 ? 0 : times(name, shape, bits, size);
        }
        if (bits % 8 != 0 || bits / 8 != end - begin) {
            throw damaged(
                    origin,
                    "tensor " + name + " has the wrong size: its shape " + Arrays.toString(shape) + " of " + type
                            + " needs " + bits / 8 + " bytes, its data_offsets give " + (end - begin));
        }
        return new Entry(name, type, shape, begin, end);
    }

    private StoredType type(String name, JsonNode node) {
        for (StoredType type : StoredType.values()) {
            if (type.name().equals(node.textValue())) {
                return type;
            }
        }
        throw damaged(origin, "tensor " + name + " has an unknown dtype " + node);
    }

    private int[] shape(String name, JsonNode node) {
        if (!node.isArray()) {
            throw damaged(origin, "the shape of tensor " + name + " is not a list");
        }
        int[] shape = new int[node.size()];
        for (int i = 0; i < shape.length; i++) {
            long size = number(name, "shape", node.get(i));
            if (size > Integer.MAX_VALUE) {
                throw damaged(origin, "the shape of tensor " + name + " is too large: " + node);
            }
            shape[i] = (int) size;
        }
        return shape;
    }

    private long times(String name, int[] shape, long a, long b) {
        try {
            return Math.multiplyExact(a, b);
        } catch (ArithmeticException e) {
            throw damaged(origin, "the shape of tensor " + name + " is too large: " + Arrays.toString(shape));
        }
    }

    private long number(String name, String field, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw damaged(origin, "the " + field + " of tensor " + name + " holds " + node + ", not a whole number");
        }
        if (node.longValue() < 0) {
            throw damaged(origin, "the " + field + " of tensor " + name + " holds a negative number, " + node);
        }
        return node.longValue();
    }

    /** Puts the tensors in the order of their bytes, which must follow each other and fill the data. */
    private void place(List<Entry> found, long dataBytes) {
        found.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long at = 0;
        for (Entry entry : found) {
            if (entry.end() > dataBytes) {
                throw damaged(
                        origin,
                        "truncated: tensor " + entry.name() + " has offsets outside the file, up to byte " + entry.end()
                                + " of the data, which has " + dataBytes);
            }
            if (entry.begin() < at) {
                throw damaged(origin, "tensor " + entry.name() + " is overlapping the one before it");
            }
            if (entry.begin() > at) {
                throw damaged(
                        origin, "there is a hole of " + (entry.begin() - at) + " bytes before tensor " + entry.name());
            }
            at = entry.end();
            entries.put(entry.name(), entry);
        }
        if (at != dataBytes) {
            throw damaged(origin, "overlong: " + (dataBytes - at) + " bytes follow that belong to no tensor");
        }
    }
}
