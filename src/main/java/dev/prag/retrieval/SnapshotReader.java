package dev.prag.retrieval;

import dev.prag.adapterstore.Blobs;
import dev.prag.adapterstore.Blobs.Blob;
import dev.prag.base.Hashes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.lucene.util.IOUtils;
import org.jboss.logging.Logger;

/** Takes snapshots of the index out of the durable store, and believes nothing that it can't check. */
final class SnapshotReader {
    private static final Logger LOG = Logger.getLogger(SnapshotReader.class);
    /** How many are looked at, from the newest. */
    private static final int MOST = 3;
    /** What Lucene calls its files. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,100}(\\.[A-Za-z0-9_]{1,100})*");

    private final Blobs blobs;
    private final IndexIdentity identity;

    SnapshotReader(Blobs blobs, IndexIdentity identity) {
        this.blobs = blobs;
        this.identity = identity;
    }

    /** A snapshot with the key of what names its files. */
    record Found(String key, Snapshot snapshot) {}

    /** The snapshots of this index that are written further than that number, and no further than the other, newest first. */
    List<Found> between(long written, long last) {
        List<String> keys = blobs.list(Snapshot.manifests(identity.corpusId())).stream()
                .map(Blob::key)
                .filter(key -> Snapshot.written(key) > written && Snapshot.written(key) <= last)
                .sorted(Comparator.reverseOrder())
                .limit(MOST)
                .toList();
        List<Found> found = new ArrayList<>();
        for (String key : keys) {
            try {
                Optional<byte[]> bytes = blobs.get(key);
                if (bytes.isPresent()) {
                    Snapshot snapshot = Snapshot.read(key, bytes.get());
                    if (identity.difference(snapshot.data()) == null) {
                        found.add(new Found(key, snapshot));
                    }
                }
            } catch (IOException e) {
                LOG.warnf("a snapshot of the index is refused: %s", e.getMessage());
            }
        }
        return found;
    }

    /**
     * Fills a folder with the files of a snapshot.
     *
     * @param local folder of an index from which files that are the same are taken; null for none
     * @throws IOException if one is missing or damaged, or there is no room
     */
    void fetch(Snapshot snapshot, Path local, Path folder) throws IOException {
        List<Path> written = new ArrayList<>();
        for (Snapshot.File file : snapshot.files()) {
            if (!NAME.matcher(file.name()).matches()) {
                throw new IOException("it names a file that is none of an index: " + file.name());
            }
            Path target = folder.resolve(file.name());
            if (local == null || !link(local.resolve(file.name()), file, target)) {
                if (!blobs.get(Snapshot.files(identity.corpusId()) + file.sha256(), target)) {
                    throw new IOException("its file " + file.name() + " is missing");
                }
                if (!isIt(target, file)) {
                    throw new IOException("its file " + file.name() + " is damaged");
                }
            }
            written.add(target);
        }
        for (Path file : written) {
            IOUtils.fsync(file, false);
        }
        IOUtils.fsync(folder, true);
    }

    private static boolean link(Path there, Snapshot.File file, Path target) throws IOException {
        if (!isIt(there, file)) {
            return false;
        }
        try {
            Files.createLink(target, there);
        } catch (FileSystemException | UnsupportedOperationException e) {
            Files.copy(there, target);
        }
        return true;
    }

    private static boolean isIt(Path path, Snapshot.File file) throws IOException {
        return Files.isRegularFile(path)
                && Files.size(path) == file.bytes()
                && hash(path).equals(file.sha256());
    }

    static String hash(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return Hashes.sha256(content);
        }
    }
}
