package dev.prag.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.Answer;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * The answers of an evaluation as JSON lines, each on disk as soon as it is there under a key of its own. An evaluation
 * that names the file again goes on: what is in it is counted, and not asked for again.
 */
public final class AnswersFile implements AnswerLog, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "key";

    private final Path file;
    private final Map<String, Outcome> known;
    private final Writer writer;

    private AnswersFile(Path file, Map<String, Outcome> known, Writer writer) {
        this.file = file;
        this.known = known;
        this.writer = writer;
    }

    /**
     * Looks whether the file may be written, and leaves it as it is.
     *
     * @param questions what is read, which may not be the same
     * @throws UserException naming what is wrong with it
     */
    public static void check(Path file, Path questions) {
        if (file.toString().isBlank()) {
            throw new UserException("out: the name of the file is empty; name a file to write");
        }
        if (Files.isDirectory(file)) {
            throw new UserException("out: " + file + " is a directory; name a file to write");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new UserException(
                    Kind.NOT_FOUND, "out: " + folder + " is no directory; make it, or name a file elsewhere");
        }
        try {
            if (Files.exists(file) && Files.isSameFile(file, questions)) {
                throw new UserException("out: " + file + " holds the questions; name another file to write");
            }
        } catch (IOException e) {
            throw failure(file, e);
        }
        if (!Files.isWritable(Files.exists(file) ? file : folder)) {
            throw failure(file, new AccessDeniedException(file.toString()));
        }
        if (Files.exists(file)) {
            read(file);
        }
    }

    /**
     * Opens the file to go on with it, or begins it.
     *
     * @throws UserException as {@link #check}, or if it can't be written
     */
    public static AnswersFile open(Path file, Path questions) {
        check(file, questions);
        try {
            Map<String, Outcome> known = new HashMap<>();
            if (Files.exists(file)) {
                Lines lines = read(file);
                known = lines.known();
                if (lines.whole() < Files.size(file)) {
                    // The beginning of a line, which a killed evaluation left.
                    try (RandomAccessFile end = new RandomAccessFile(file.toFile(), "rw")) {
                        end.setLength(lines.whole());
                    }
                }
            }
            return new AnswersFile(
                    file, known, Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    /**
     * What is in a file.
     *
     * @param whole bytes of its whole lines
     */
    private record Lines(Map<String, Outcome> known, long whole) {}

    private static Lines read(Path file) {
        Map<String, Outcome> known = new HashMap<>();
        long whole = 0;
        int number = 0;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            boolean ended = endsWithNewline(file);
            for (String line = lines.readLine(); line != null; ) {
                String next = lines.readLine();
                number++;
                if (next == null && !ended) {
                    break;
                }
                whole += line.getBytes(StandardCharsets.UTF_8).length + 1L;
                add(line, known);
                line = next;
            }
        } catch (JsonProcessingException e) {
            throw new UserException(
                    Kind.BAD_INPUT,
                    "out: " + file + " line " + number + " is no answer, so the file is something else; name another"
                            + " file to write",
                    e);
        } catch (IOException e) {
            throw failure(file, e);
        }
        return new Lines(known, whole);
    }

    private static boolean endsWithNewline(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            if (bytes.length() == 0) {
                return true;
            }
            bytes.seek(bytes.length() - 1);
            return bytes.read() == '\n';
        }
    }

    /** A line without a key is of an evaluation that kept none; it stays. */
    private static void add(String line, Map<String, Outcome> known) throws JsonProcessingException {
        if (line.isBlank()) {
            return;
        }
        JsonNode node = JSON.readTree(line);
        Outcome outcome = node.path(KEY).isTextual() ? Outcome.of(node) : null;
        if (outcome != null) {
            known.put(node.get(KEY).asText(), outcome);
        }
    }

    /** How many answers it held when it was opened. */
    public int size() {
        return known.size();
    }

    @Override
    public Outcome known(String key) {
        return known.get(key);
    }

    /**
     * Writes an answer.
     *
     * @throws UserException if the disk takes no more
     */
    @Override
    public synchronized void keep(String key, Row row, Question question, Answer answer, Outcome outcome) {
        ObjectNode line = JSON.createObjectNode();
        line.put(KEY, key);
        line.put("question", question.question());
        line.put("type", question.type());
        line.set("answers", JSON.valueToTree(question.answers()));
        line.set("gold", JSON.valueToTree(question.gold()));
        line.put("method", answer.method());
        line.put("row", row.name());
        line.put("answer", answer.answer());
        line.put("text", answer.text());
        outcome.addTo(line);
        line.put("finish", answer.finish());
        line.set("passages", JSON.valueToTree(answer.passages()));
        line.set("notes", JSON.valueToTree(answer.notes()));
        try {
            writer.write(line + "\n");
            writer.flush();
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    private static UserException failure(Path file, IOException e) {
        return new UserException(
                Kind.ENVIRONMENT,
                "out: " + file + " can't be written (" + IoReason.of(e) + "); make room or give write permission there,"
                        + " or name a file elsewhere",
                e);
    }
}
