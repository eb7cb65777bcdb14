package dev.prag.reproduction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The folder of results while it is worked on: {@code runs/} with what became of each run, {@code answers/}, {@code
 * questions/}, {@code recipes/}, {@code warm/}. One process has it.
 */
final class ResultFolder implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String RUNS = "runs";
    private static final String LOG = ".log";
    private static final List<String> FOLDERS = List.of(RUNS, "answers", "questions", "recipes", "warm");
    private static final String FINGERPRINT = "fingerprint";

    private final Path folder;
    private final FileChannel lock;

    private ResultFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** @throws UserException if it can't be made or written, or another process has it */
    static ResultFolder open(Path folder) {
        try {
            for (String name : FOLDERS) {
                Files.createDirectories(folder.resolve(name));
            }
            FileChannel channel = FileChannel.open(
                    folder.resolve("reproduce.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                channel.close();
                throw new UserException(
                        Kind.CONFLICT,
                        "--out: another prag reproduce works in " + folder + "; wait for it or end it, or name another"
                                + " folder");
            }
            return new ResultFolder(folder, channel);
        } catch (IOException e) {
            throw failure(folder, e);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Names the child that runs. */
    Path childNote() {
        return folder.resolve(RUNS).resolve("running");
    }

    /** Whether a run was begun in a folder of results, which may be none yet. */
    static boolean hasBegun(Path folder, String run) {
        return Files.exists(folder.resolve(RUNS).resolve(run + LOG));
    }

    Path log(Run run) {
        return file(run, LOG);
    }

    Path output(Run run) {
        return file(run, ".out");
    }

    private Path file(Run run, String ending) {
        return folder.resolve(RUNS).resolve(run.name() + ending);
    }

    /** Writes files; one that is as it has to be stays untouched. */
    void prepare(Map<Path, String> files) {
        files.forEach((file, content) -> {
            try {
                if (!Files.exists(file) || !Files.readString(file).equals(content)) {
                    write(file, content);
                }
            } catch (IOException e) {
                throw failure(file, e);
            }
        });
    }

    /**
     * What came of a run.
     *
     * @param fingerprint as {@link Fingerprints#of}
     * @param place which home it was done in; empty where that doesn't matter
     * @param output of an evaluation; null for others
     */
    record Result(String fingerprint, String place, JsonNode output) {}

    /** The result of a run; empty if it has none, or what is there is damaged. */
    Optional<Result> result(Run run) {
        try {
            JsonNode node = JSON.readTree(file(run, ".json").toFile());
            return node.path(FINGERPRINT).isTextual()
                    ? Optional.of(new Result(
                            node.get(FINGERPRINT).asText(), node.path("place").asText(""), node.get("output")))
                    : Optional.empty();
        } catch (NoSuchFileException | FileNotFoundException | JsonProcessingException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure(file(run, ".json"), e);
        }
    }

    /** Keeps the result of a run, whole or not at all. */
    void keep(Run run, Result result, double seconds) {
        ObjectNode node = JSON.createObjectNode();
        node.put(FINGERPRINT, result.fingerprint());
        node.put("command", run.commandLine());
        node.put("seconds", seconds);
        node.put("place", result.place());
        if (result.output() != null) {
            node.set("output", result.output());
        }
        try {
            write(file(run, ".json"), node + "\n");
        } catch (IOException e) {
            throw failure(file(run, ".json"), e);
        }
    }

    private static void write(Path file, String content) throws IOException {
        Path part = file.resolveSibling("." + file.getFileName() + ".part");
        try (FileChannel channel = FileChannel.open(Files.writeString(part, content), StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static UserException failure(Path file, IOException e) {
        return new UserException(
                Kind.ENVIRONMENT,
                "--out: " + file + " can't be written (" + IoReason.of(e)
                        + "); make room or give write permission there," + " or name a folder elsewhere",
                e);
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw failure(folder, e);
        }
    }
}
