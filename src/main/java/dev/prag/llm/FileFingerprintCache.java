package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Fingerprints in a JSON file, replaced whole at each change. A file that can't be understood counts as empty: all that
 * it costs is to hash once more.
 */
public final class FileFingerprintCache implements FingerprintCache {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;

    public FileFingerprintCache(Path file) {
        this.file = file.toAbsolutePath();
    }

    @Override
    public synchronized Optional<String> find(Path folder, List<Stamp> files) {
        JsonNode entry = load().path(key(folder));
        return entry.path("files").equals(stamps(files))
                ? Optional.ofNullable(entry.path("fingerprint").textValue())
                : Optional.empty();
    }

    @Override
    public synchronized void put(Path folder, List<Stamp> files, String fingerprint) {
        ObjectNode all = load();
        ObjectNode entry = all.putObject(key(folder));
        entry.put("fingerprint", fingerprint);
        entry.set("files", stamps(files));
        Path partial = null;
        try {
            Files.createDirectories(file.getParent());
            partial = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".partial");
            Files.write(partial, JSON.writeValueAsBytes(all));
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            deleteQuietly(partial);
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    file + " can't be written: " + IoReason.of(e) + "; check the disk's free space and permissions",
                    e);
        }
    }

    private static void deleteQuietly(Path partial) {
        if (partial != null) {
            try {
                Files.deleteIfExists(partial);
            } catch (IOException e) {
                // The failure that led here is the one to report.
            }
        }
    }

    private static String key(Path folder) {
        return folder.toAbsolutePath().normalize().toString();
    }

    /** As text, so that what was read equals what is made whatever number types the parser picks. */
    private static ArrayNode stamps(List<Stamp> files) {
        ArrayNode stamps = JSON.createArrayNode();
        for (Stamp stamp : files) {
            stamps.add(stamp.name() + " " + stamp.size() + " " + stamp.modified());
        }
        return stamps;
    }

    private ObjectNode load() {
        try {
            if (Files.exists(file) && JSON.readTree(file.toFile()) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            // Damaged: start anew.
        }
        return JSON.createObjectNode();
    }
}
