package dev.prag.cli.model;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.lora.Adapter;
import dev.prag.lora.PeftFolder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a trained adapter goes. A folder that isn't there yet appears whole or not at all; one that holds an adapter has
 * its files replaced; any other is refused before the training begins.
 */
final class AdapterFolder {
    private static final String CONFIG = "adapter_config.json";

    private final Path folder;

    private AdapterFolder(Path folder) {
        this.folder = folder;
    }

    /** @throws UserException if an adapter can't go there */
    static AdapterFolder check(Path folder) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new UserException("--out " + folder + " is a file; name a folder");
        }
        if (Files.isDirectory(folder) && !isEmpty(folder) && !Files.exists(folder.resolve(CONFIG))) {
            throw new UserException(
                    UserException.Kind.CONFLICT,
                    "--out " + folder + " holds other files than an adapter's; name a folder that is empty or not there"
                            + " yet");
        }
        Path above = folder.toAbsolutePath().normalize();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        if (above == null || !Files.isDirectory(above) || !Files.isWritable(above)) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "--out " + folder + " can't be written, since " + above + " can't; name another folder");
        }
        return new AdapterFolder(folder);
    }

    private static boolean isEmpty(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private static UserException failed(Path folder, IOException e) {
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                "--out " + folder + " can't be written: " + IoReason.of(e) + "; check free space and permissions",
                e);
    }

    void write(Adapter adapter, String baseModel) {
        if (Files.isDirectory(folder) && !isEmpty(folder)) {
            PeftFolder.write(adapter, folder, baseModel);
            return;
        }
        Path whole = folder.toAbsolutePath().normalize();
        Path beside = whole.resolveSibling(
                "." + whole.getFileName() + ".part-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(whole.getParent());
            PeftFolder.write(adapter, beside, baseModel);
            Files.move(beside, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            discard(beside);
            throw failed(folder, e);
        } catch (RuntimeException e) {
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
