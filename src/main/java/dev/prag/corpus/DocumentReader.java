package dev.prag.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads documents from files and streams: JSON lines with the fields id, title, text and metadata (ids may be numbers,
 * other fields are ignored), plain text and Markdown (one document a file, identified by its path). Everything is read
 * before anything is kept, so that a bad line changes nothing.
 */
public final class DocumentReader {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final TypeReference<Map<String, Object>> METADATA = new TypeReference<>() {};

    /** A file is read as a whole. */
    private static final long LARGEST_FILE = 1L << 30;

    private DocumentReader() {}

    /**
     * The documents of a file, or of all jsonl, txt and md files below a directory in the order of their paths.
     *
     * @throws UserException naming the file, the line and what is wrong with it
     */
    public static List<DocumentInput> read(Path path) {
        if (!Files.exists(path)) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "document " + path + " does not exist; name a file (jsonl, txt, md), a directory, or - for standard"
                            + " input");
        }
        List<DocumentInput> documents = new ArrayList<>();
        if (!Files.isDirectory(path)) {
            documents.addAll(readFile(path));
            return documents;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(f -> !extension(f).isEmpty())
                    .sorted()
                    .toList()) {
                documents.addAll(readFile(file));
            }
        } catch (IOException | UncheckedIOException e) {
            throw new UserException(UserException.Kind.BAD_INPUT, path + " cannot be read: " + IoReason.of(e), e);
        }
        if (documents.isEmpty()) {
            throw new UserException("directory " + path + " holds no jsonl, txt or md file; name one that does");
        }
        return documents;
    }

    /** JSON lines from a stream. */
    public static List<DocumentInput> readLines(InputStream in, String origin) {
        try {
            return readLines(in.readAllBytes(), origin);
        } catch (IOException e) {
            throw new UserException(UserException.Kind.BAD_INPUT, origin + " cannot be read: " + IoReason.of(e), e);
        }
    }

    /** JSON lines. */
    public static List<DocumentInput> readLines(byte[] bytes, String origin) {
        return parseLines(Utf8.decode(bytes, origin), origin);
    }

    /** One JSON object as a document. */
    public static DocumentInput fromJson(JsonNode node, String where) {
        if (!node.isObject()) {
            throw new UserException(
                    where + " is not a JSON object; a document has the fields id, title, text, metadata");
        }
        JsonNode text = node.path("text");
        if (!text.isTextual()) {
            throw new UserException(where + (text.isMissingNode() ? " has no text" : " has a text that is not a string")
                    + "; a document needs the field text");
        }
        JsonNode title = node.path("title");
        if (!title.isMissingNode() && !title.isNull() && !title.isTextual()) {
            throw new UserException(where + " has a title that is not a string");
        }
        JsonNode id = node.path("id");
        if (!(id.isMissingNode() || id.isNull() || id.isTextual() || id.isNumber())) {
            throw new UserException(where + " has an id that is neither a string nor a number");
        }
        if (id.isTextual() && id.asText().isBlank()) {
            throw new UserException(where + " has an empty id; give one, or leave the field out");
        }
        JsonNode metadata = node.path("metadata");
        if (!metadata.isMissingNode() && !metadata.isNull() && !metadata.isObject()) {
            throw new UserException(where + " has a metadata field that is not a JSON object");
        }
        return new DocumentInput(
                id.isMissingNode() || id.isNull() ? null : id.asText(),
                title.asText(""),
                text.asText(),
                metadata.isObject() ? JSON.convertValue(metadata, METADATA) : Map.of(),
                null);
    }

    private static List<DocumentInput> readFile(Path file) {
        String content;
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new UserException(
                        UserException.Kind.TOO_LARGE,
                        "document " + file + " is larger than 1 GiB; cut it into several files");
            }
            content = Utf8.decode(Files.readAllBytes(file), "document " + file);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, "document " + file + " cannot be read: " + IoReason.of(e), e);
        }
        String source = file.toAbsolutePath().normalize().toString();
        return switch (extension(file)) {
            case "jsonl", "ndjson" -> parseLines(content, file.toString());
            case "md" -> List.of(new DocumentInput(null, heading(content, file), content, Map.of(), source));
            default -> List.of(new DocumentInput(null, stem(file), content, Map.of(), source));
        };
    }

    private static List<DocumentInput> parseLines(String content, String origin) {
        List<DocumentInput> documents = new ArrayList<>();
        int number = 0;
        for (String line : content.lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            String where = origin + " line " + number;
            try {
                documents.add(fromJson(JSON.readTree(line), where));
            } catch (JsonProcessingException e) {
                throw new UserException(
                        UserException.Kind.BAD_INPUT,
                        where + " is not JSON (" + JsonMistake.said(e) + "); each line is one JSON object",
                        e);
            }
        }
        if (documents.isEmpty()) {
            throw new UserException(origin + " holds no document; each line is a JSON object with a field text");
        }
        return documents;
    }

    /** The extension if documents are read from such files, else empty. */
    private static String extension(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String extension = name.substring(name.lastIndexOf('.') + 1);
        return switch (extension) {
            case "jsonl", "ndjson", "txt", "md" -> extension;
            default -> "";
        };
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static String heading(String markdown, Path file) {
        return markdown.lines()
                .filter(line -> line.startsWith("# "))
                .map(line -> line.substring(2).strip())
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse(stem(file));
    }
}
