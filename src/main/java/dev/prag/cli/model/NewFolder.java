package dev.prag.cli.model;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A folder that isn't there yet, or is empty, and appears whole or not at all. */
final class NewFolder {
    private final Path folder;

    private NewFolder(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /**
     * @param bytes that are to be written at least
     * @throws UserException if the folder can't be made there, or the disk lacks the room
     */
    static NewFolder check(Path folder, long bytes) {
        NewFolder made = new NewFolder(folder);
        if (Files.exists(made.folder) && !made.isEmptyFolder()) {
            throw new UserException(
                    UserException.Kind.CONFLICT,
                    folder + " is there already; name a folder that is empty or not there yet");
        }
        Path above = made.folder.getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        if (above == null || !Files.isDirectory(above) || !Files.isWritable(above)) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    folder + " can't be written, since " + above + " can't; name another folder");
        }
        long free = made.free(above);
        if (free < bytes) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    String.format(
                            Locale.ROOT,
                            "%s needs %,d MB, but its disk has %,d MB left; free some, or name a folder on another disk",
                            folder,
                            bytes / 1_000_000,
                            free / 1_000_000));
        }
        return made;
    }

    private boolean isEmptyFolder() {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private long free(Path above) {
        try {
            return Files.getFileStore(above).getUsableSpace();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private UserException failed(IOException e) {
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                folder + " can't be written: " + IoReason.of(e) + "; check free space and permissions",
                e);
    }

    /** Makes it. */
    void fill(Consumer<Path> files) {
        Path beside = folder.resolveSibling(
                "." + folder.getFileName() + ".part-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(beside);
            files.accept(beside);
            Files.move(beside, folder, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            discard(beside);
            throw failed(e);
        } catch (RuntimeException | Error e) {
            discard(beside);
            throw e;
        }
    }

    private static void discard(Path beside) {
        if (!Files.exists(beside)) {
            return;
        }
        try (Stream<Path> files = Files.list(beside)) {
            List<Path> all = files.toList();
            for (Path file : all) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(beside);
        } catch (IOException e) {
            // What made the writing fail is the error to report.
            return;
        }
    }
}
