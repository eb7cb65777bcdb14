package dev.prag.retrieval;

import dev.prag.adapterstore.Blobs;
import dev.prag.adapterstore.Blobs.Blob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Puts snapshots of the index into the durable store: what names the files comes last, so that what is named is there.
 * Files go again a while after the last snapshot that names them was followed by others, so that whoever reads it can
 * end; what no snapshot of this corpus has named is never touched.
 */
final class SnapshotWriter {
    private static final Logger LOG = Logger.getLogger(SnapshotWriter.class);
    /** Snapshots that stay however old they are. */
    private static final int KEPT = 2;

    private static final String INTENTS = "intents/";

    private final Blobs blobs;
    private final String corpusId;
    private final Duration grace;
    private final Clock clock;
    /** Hashes of the index's files, which never change. */
    private final Map<Path, String> hashes = new HashMap<>();

    SnapshotWriter(Blobs blobs, String corpusId, Duration grace, Clock clock) {
        this.blobs = blobs;
        this.corpusId = corpusId;
        this.grace = grace;
        this.clock = clock;
    }

    /** The number of the change up to which the newest snapshot is written; 0 if there is none. */
    long newest() {
        return blobs.list(Snapshot.manifests(corpusId)).stream()
                .mapToLong(blob -> Snapshot.written(blob.key()))
                .max()
                .orElse(0);
    }

    /** Publishes an index as it was committed, and lets go of what nobody needs any more. */
    Snapshot publish(LuceneIndex.Commit commit) throws IOException {
        List<Snapshot.File> files = new ArrayList<>();
        for (String name : commit.files()) {
            Path file = commit.folder().resolve(name);
            files.add(new Snapshot.File(name, Files.size(file), hash(file)));
        }
        Snapshot snapshot = new Snapshot(commit.data(), clock.millis(), files);
        String key = snapshot.key(corpusId);
        // Whoever is killed in the middle has named what it has put there.
        String intent = intent(key);
        blobs.put(intent, snapshot.toBytes());
        Map<String, Long> there =
                blobs.list(Snapshot.files(corpusId)).stream().collect(Collectors.toMap(Blob::key, Blob::bytes));
        for (Snapshot.File file : files) {
            String target = Snapshot.files(corpusId) + file.sha256();
            if (!Long.valueOf(file.bytes()).equals(there.get(target))) {
                blobs.put(target, commit.folder().resolve(file.name()));
            }
        }
        blobs.put(key, snapshot.toBytes());
        blobs.delete(intent);
        hashes.keySet()
                .retainAll(files.stream()
                        .map(file -> commit.folder().resolve(file.name()))
                        .collect(Collectors.toSet()));
        removeOld();
        return snapshot;
    }

    private String hash(Path file) throws IOException {
        String known = hashes.get(file);
        if (known == null) {
            known = SnapshotReader.hash(file);
            hashes.put(file, known);
        }
        return known;
    }

    private String intent(String key) {
        return Snapshot.folder(corpusId) + INTENTS + key.substring(key.lastIndexOf('/') + 1);
    }

    /** Deletes what is old and replaced: files first, so that what names them is there until they are gone. */
    private void removeOld() {
        List<String> manifests = blobs.list(Snapshot.manifests(corpusId)).stream()
                .map(Blob::key)
                .sorted(Comparator.reverseOrder())
                .toList();
        List<String> candidates =
                new ArrayList<>(manifests.subList(Math.min(KEPT, manifests.size()), manifests.size()));
        candidates.addAll(blobs.list(Snapshot.folder(corpusId) + INTENTS).stream()
                .map(Blob::key)
                .toList());
        Map<String, Snapshot> old = new HashMap<>();
        Set<String> needed = new HashSet<>();
        manifests.subList(0, Math.min(KEPT, manifests.size())).forEach(key -> read(key)
                .ifPresent(snapshot -> needed.addAll(hashes(snapshot))));
        for (String key : candidates) {
            read(key).ifPresent(snapshot -> {
                if (clock.millis() - snapshot.createdAt() > grace.toMillis()) {
                    old.put(key, snapshot);
                } else {
                    needed.addAll(hashes(snapshot));
                }
            });
        }
        Set<String> gone = new HashSet<>();
        old.forEach((key, snapshot) -> {
            for (String hash : hashes(snapshot)) {
                if (!needed.contains(hash) && gone.add(hash)) {
                    blobs.delete(Snapshot.files(corpusId) + hash);
                }
            }
            blobs.delete(key);
        });
    }

    private static List<String> hashes(Snapshot snapshot) {
        return snapshot.files().stream().map(Snapshot.File::sha256).toList();
    }

    private Optional<Snapshot> read(String key) {
        try {
            Optional<byte[]> bytes = blobs.get(key);
            return bytes.isEmpty() ? Optional.empty() : Optional.of(Snapshot.read(key, bytes.get()));
        } catch (IOException e) {
            LOG.warnf("a snapshot of the index is left alone: %s", e.getMessage());
            return Optional.empty();
        }
    }
}
