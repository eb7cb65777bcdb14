package dev.prag.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.Answer;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The answers of an evaluation as JSON lines, each on disk as soon as it is there. */
public final class AnswersFile implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Writer writer;

    private AnswersFile(Path file, Writer writer) {
        this.file = file;
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
    }

    /**
     * Begins the file anew.
     *
     * @throws UserException as {@link #check}, or if it can't be written
     */
    public static AnswersFile open(Path file, Path questions) {
        check(file, questions);
        try {
            return new AnswersFile(file, Files.newBufferedWriter(file));
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    /**
     * Writes an answer.
     *
     * @throws UserException if the disk takes no more
     */
    public void add(Row row, Question question, Answer answer, Score score) {
        ObjectNode line = JSON.createObjectNode();
        line.put("question", question.question());
        line.put("type", question.type());
        line.set("answers", JSON.valueToTree(question.answers()));
        line.set("gold", JSON.valueToTree(question.gold()));
        line.put("method", answer.method());
        line.put("row", row.name());
        line.put("answer", answer.answer());
        line.put("text", answer.text());
        line.put("em", score.exactMatch());
        line.put("f1", score.f1());
        line.put("precision", score.precision());
        line.put("recall", score.recall());
        line.put("seconds", answer.timings().total() / 1000);
        line.put("finish", answer.finish());
        line.put("promptTokens", answer.promptTokens());
        line.put("tokens", answer.tokens());
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
