package dev.prag.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A document that was looked over, under the id that it will have, cut into passages. */
record DocumentDraft(
        String id, String title, String source, Map<String, Object> metadata, String contentHash, List<Piece> pieces) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    /** An index entry of PostgreSQL holds no more than about 2,700 bytes. */
    private static final int LONGEST_ID = 1000;

    /** A passage to be. */
    record Piece(String passageId, String text, String textHash) {}

    static DocumentDraft of(DocumentInput input, int maxBytes) {
        String title = isBlank(input.title()) ? null : input.title().strip();
        String name = name(input, title);
        if (isBlank(input.text())) {
            throw new UserException("document " + name + " is empty; give it a text");
        }
        int bytes = utf8(name, "text", input.text());
        if (bytes > maxBytes) {
            throw new UserException(
                    Kind.TOO_LARGE,
                    "document " + name + " is too large: " + bytes + " bytes, where the limit is " + maxBytes
                            + "; cut it, or raise prag.corpus.max-document-bytes");
        }
        utf8(name, "title", title);
        utf8(name, "id", input.id());
        String metadata = json(name, input.metadata());
        String hash = Hashes.builder()
                .add(title == null ? "" : title)
                .add(input.text())
                .add(metadata)
                .hex();
        String id = id(input, title);
        if (id.length() > LONGEST_ID) {
            throw new UserException(
                    "document " + name + " has an id of " + id.length() + " characters; it may have " + LONGEST_ID);
        }
        return new DocumentDraft(id, title, input.source(), parse(metadata), hash, pieces(id, input.text()));
    }

    private static String id(DocumentInput input, String title) {
        if (!isBlank(input.id())) {
            return input.id();
        }
        return isBlank(input.source())
                ? Hashes.builder()
                        .add(title == null ? "" : title)
                        .add(input.text())
                        .hex()
                : input.source();
    }

    private static String name(DocumentInput input, String title) {
        String name = !isBlank(input.id()) ? input.id() : !isBlank(input.source()) ? input.source() : title;
        if (name == null) {
            return "without id and title";
        }
        return name.length() > 100 ? name.substring(0, 100) + "…" : name;
    }

    private static boolean isBlank(String text) {
        return text == null || text.codePoints().allMatch(PassageSplitter::isSpace);
    }

    /** Its length in UTF-8, refusing what PostgreSQL can't keep. */
    private static int utf8(String name, String field, String text) {
        if (text == null) {
            return 0;
        }
        if (text.indexOf('\0') >= 0) {
            throw new UserException(
                    "document " + name + ": the " + field + " contains the character U+0000; is it a binary file?");
        }
        try {
            return StandardCharsets.UTF_8
                    .newEncoder()
                    .encode(CharBuffer.wrap(text))
                    .remaining();
        } catch (CharacterCodingException e) {
            throw new UserException(
                    Kind.BAD_INPUT,
                    "document " + name + ": the " + field + " contains half of a surrogate pair, which is no "
                            + "character; write it in valid Unicode",
                    e);
        }
    }

    private static String json(String name, Map<String, Object> metadata) {
        String json;
        try {
            json = JSON.writeValueAsString(metadata == null ? Map.of() : metadata);
        } catch (JsonProcessingException e) {
            throw new UserException(Kind.BAD_INPUT, "document " + name + ": the metadata can't be written as JSON", e);
        }
        if (json.contains("\\u0000")) {
            throw new UserException("document " + name + ": the metadata contains the character U+0000");
        }
        utf8(name, "metadata", json);
        return json;
    }

    private static Map<String, Object> parse(String json) {
        try {
            return JSON.readValue(json, OBJECT);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("written a moment ago", e);
        }
    }

    private static List<Piece> pieces(String documentId, String text) {
        Map<String, Integer> seen = new HashMap<>();
        return PassageSplitter.split(text).stream()
                .map(passage -> {
                    String hash = Hashes.sha256(passage);
                    int occurrence = seen.merge(hash, 1, Integer::sum);
                    String id = Hashes.builder()
                            .add(documentId)
                            .add(hash)
                            .add(occurrence)
                            .hex()
                            .substring(0, 32);
                    return new Piece(id, passage, hash);
                })
                .toList();
    }
}
