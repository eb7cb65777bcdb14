package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.prag.base.Hashes;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The adapter that trainings start from, as a recipe names it: a PEFT folder, or the hash of one's content, which the
 * durable store has. Both are the same start where the content is the same.
 */
@RegisterForReflection
public final class Start {
    /** What decides it. */
    static final List<String> FILES = List.of("adapter_config.json", "adapter_model.safetensors");

    private static final String ID = "sha256:";
    private static final String HASH = "[0-9a-f]{64}";

    private final String named;
    private volatile Starts starts;

    private Start(String named) {
        this.named = named;
    }

    /** @throws UserException if it begins as an id and is none */
    @JsonCreator
    public static Start of(String named) {
        if (named.startsWith("file:")) {
            return new Start(Path.of(URI.create(named)).toString());
        }
        if (named.startsWith(ID) && !named.substring(ID.length()).matches(HASH)) {
            throw new UserException("recipe: init is " + named + "; an id has 64 characters of 0-9 and a-f behind " + ID
                    + ", as `prag warmup` prints it");
        }
        return new Start(named);
    }

    /** The id of content with that hash. */
    static String id(String hash) {
        return ID + hash;
    }

    /** The hash that it is named by; null where it is a folder. */
    private String hash() {
        return named.startsWith(ID) ? named.substring(ID.length()) : null;
    }

    /** The same, seen from the recipe's file. */
    Start beside(Path recipe) {
        return hash() == null
                ? new Start(recipe.resolveSibling(named).normalize().toString())
                : this;
    }

    /** Where one that is named by its hash is fetched. */
    void fetchedBy(Starts from) {
        starts = from;
    }

    /**
     * The PEFT folder; fetched at need.
     *
     * @throws UserException if the store doesn't have it
     */
    public Path folder() {
        return hash() == null ? Path.of(named) : starts.folder(hash());
    }

    /**
     * SHA-256 of what decides it.
     *
     * @throws UserException if it is a folder that can't be read
     */
    public String contentHash() {
        return hash() == null ? contentHash(Path.of(named)) : hash();
    }

    static String contentHash(Path folder) {
        Hashes.Builder hash = Hashes.builder();
        for (String file : FILES) {
            try {
                hash.add(Files.readAllBytes(folder.resolve(file)));
            } catch (IOException e) {
                throw new UserException(
                        UserException.Kind.NOT_FOUND,
                        "recipe: init names " + folder + ", but " + file + " can't be read there (" + IoReason.of(e)
                                + "); init has to be a PEFT folder, or an id that `prag warmup` printed",
                        e);
            }
        }
        return hash.hex();
    }

    @JsonValue
    @Override
    public String toString() {
        return named;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Start start && named.equals(start.named);
    }

    @Override
    public int hashCode() {
        return named.hashCode();
    }
}
