package dev.prag.evaluation.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file of JSON lines that appears whole or not at all. */
final class LinesFile implements AutoCloseable {
    private final Path file;
    private final String option;
    private final Path beside;
    private final BufferedWriter writer;

    private LinesFile(Path file, String option, Path beside, BufferedWriter writer) {
        this.file = file;
        this.option = option;
        this.beside = beside;
        this.writer = writer;
    }

    /**
     * Begins it beside the place where it will be.
     *
     * @param option that names it, for messages
     * @param read what it may not replace
     */
    static LinesFile open(Path file, String option, Path read) {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new UserException(option + ": " + file + " is a directory; name a file to write");
        }
        if (folder == null || !Files.isDirectory(folder)) {
            throw new UserException(
                    Kind.NOT_FOUND, option + ": " + folder + " is no directory; make it, or name a file elsewhere");
        }
        Path beside = folder.resolve(
                "." + file.getFileName() + ".part-" + ProcessHandle.current().pid());
        try {
            if (Files.exists(file) && Files.isSameFile(file, read)) {
                throw new UserException(option + ": " + file + " is what is read; name another file to write");
            }
            return new LinesFile(file, option, beside, Files.newBufferedWriter(beside));
        } catch (IOException e) {
            throw failure(file, option, e);
        }
    }

    void add(JsonNode line) {
        try {
            writer.write(line.toString());
            writer.write('\n');
        } catch (IOException e) {
            throw failure(file, option, e);
        }
    }

    /** Puts it in its place. */
    void finish() {
        try {
            writer.close();
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failure(file, option, e);
        }
    }

    /** Takes it away if it isn't finished. */
    @Override
    public void close() {
        try {
            writer.close();
            Files.deleteIfExists(beside);
        } catch (IOException e) {
            throw failure(file, option, e);
        }
    }

    private static UserException failure(Path file, String option, IOException e) {
        return new UserException(
                Kind.ENVIRONMENT,
                option + ": " + file + " can't be written (" + IoReason.of(e)
                        + "); make room or give write permission there, or name a file elsewhere",
                e);
    }
}
