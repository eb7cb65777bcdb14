package dev.prag.llm;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Remembers fingerprints of model folders whose files have not changed since. */
public interface FingerprintCache {
    /** A cache that remembers nothing. */
    FingerprintCache NONE = new FingerprintCache() {
        @Override
        public Optional<String> find(Path folder, List<Stamp> files) {
            return Optional.empty();
        }

        @Override
        public void put(Path folder, List<Stamp> files, String fingerprint) {}
    };

    /**
     * What tells that a file is the same as before.
     *
     * @param name name within the folder
     * @param size bytes
     * @param modified time of the last change, nanoseconds since 1970
     */
    record Stamp(String name, long size, long modified) {}

    /** The fingerprint noted for exactly these files. */
    Optional<String> find(Path folder, List<Stamp> files);

    /** Notes a fingerprint; it replaces what was noted for that folder. */
    void put(Path folder, List<Stamp> files, String fingerprint);

    /** This one, and where it knows nothing, another one, from which it learns. */
    default FingerprintCache orElse(FingerprintCache other) {
        return new FingerprintCache() {
            @Override
            public Optional<String> find(Path folder, List<Stamp> files) {
                return FingerprintCache.this.find(folder, files).or(() -> {
                    Optional<String> found = other.find(folder, files);
                    found.ifPresent(fingerprint -> FingerprintCache.this.put(folder, files, fingerprint));
                    return found;
                });
            }

            @Override
            public void put(Path folder, List<Stamp> files, String fingerprint) {
                FingerprintCache.this.put(folder, files, fingerprint);
            }
        };
    }
}
