package dev.prag.parameterization;

import dev.prag.adapterstore.Blobs;
import dev.prag.base.Home;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;

/**
 * Adapters that trainings start from, in the durable store under the hash of their content, for all processes that share
 * it. Nothing removes them: they belong to recipes, not to passages.
 */
@Singleton
public final class Starts {
    private static final String KEYS = "starts";
    /** What lies beside the adapter and goes with it, where it is there. */
    private static final String NOTE = "warmup.json";

    private final Instance<Blobs> blobs;
    private final Home home;

    /** @param blobs asked for where a start is kept or fetched */
    @Inject
    Starts(Instance<Blobs> blobs, Home home) {
        this.blobs = blobs;
        this.home = home;
    }

    /**
     * Keeps a PEFT folder; once more, nothing is written.
     *
     * @return its id, such as {@code sha256:…}
     * @throws UserException if the folder can't be read, or the store not be written
     */
    public String keep(Path folder) {
        String hash = Start.contentHash(folder);
        Blobs store = blobs.get();
        // The configuration is the last one: where it is there, all is.
        if (store.get(key(hash, Start.FILES.getFirst())).isEmpty()) {
            for (String file : List.of(NOTE, Start.FILES.getLast(), Start.FILES.getFirst())) {
                if (Files.exists(folder.resolve(file))) {
                    store.put(key(hash, file), folder.resolve(file));
                }
            }
        }
        return Start.id(hash);
    }

    /**
     * The folder in the home that has what is kept under a hash; fetched where it isn't there yet.
     *
     * @throws UserException if the store doesn't have it, or what it or the home has is damaged
     */
    Path folder(String hash) {
        Path folder = home.path(KEYS, hash);
        if (!Files.isDirectory(folder)) {
            fetch(hash, folder);
        }
        if (!Start.contentHash(folder).equals(hash)) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    folder + " is damaged: its content isn't what " + Start.id(hash)
                            + " names; move it away, and it is fetched again");
        }
        return folder;
    }

    private void fetch(String hash, Path folder) {
        Path part = folder.resolveSibling(hash + "." + UUID.randomUUID() + ".part");
        Blobs store = blobs.get();
        try {
            Files.createDirectories(part);
            for (String file : Start.FILES) {
                if (!store.get(key(hash, file), part.resolve(file))) {
                    delete(part);
                    throw new UserException(
                            UserException.Kind.NOT_FOUND,
                            "recipe: init names " + Start.id(hash)
                                    + ", which isn't in the store; `prag warmup` with the"
                                    + " same store (prag.store.url) puts it there, or name its folder");
                }
            }
            store.get(key(hash, NOTE), part.resolve(NOTE));
            if (!Start.contentHash(part).equals(hash)) {
                delete(part);
                throw new UserException(
                        UserException.Kind.ENVIRONMENT,
                        "recipe: init names " + Start.id(hash) + ", and what the store has there is damaged; remove "
                                + key(hash, "") + " from it and call the `prag warmup` that made it again");
            }
            Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            delete(part);
            // Another process of this home may have been first.
            if (!Files.isDirectory(folder)) {
                throw new UserException(
                        UserException.Kind.ENVIRONMENT,
                        folder + " can't be written: " + IoReason.of(e) + "; check free space and permissions",
                        e);
            }
        }
    }

    private static void delete(Path part) {
        try {
            for (String file : List.of(NOTE, Start.FILES.getLast(), Start.FILES.getFirst())) {
                Files.deleteIfExists(part.resolve(file));
            }
            Files.deleteIfExists(part);
        } catch (IOException e) {
            System.getLogger(Starts.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} can''t be deleted: {1}", part, IoReason.of(e));
        }
    }

    private static String key(String hash, String file) {
        return KEYS + "/" + hash + "/" + file;
    }
}
