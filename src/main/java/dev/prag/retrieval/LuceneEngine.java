package dev.prag.retrieval;

import dev.prag.access.Principal;
import dev.prag.adapterstore.Blobs;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.LockObtainFailedException;
import org.jboss.logging.Logger;

/** Lucene in this process, on a folder of this machine. Where another process writes there, this one only searches. */
final class LuceneEngine implements SearchEngine {
    private static final Logger LOG = Logger.getLogger(LuceneEngine.class);

    private final IndexFolder folder;
    private final IndexIdentity identity;
    private final SnapshotReader snapshots;
    /** Guarded by this. */
    private Path path;

    private volatile LuceneIndex index;

    private LuceneEngine(IndexFolder folder, IndexIdentity identity, SnapshotReader snapshots, long last)
            throws IOException {
        this.folder = folder;
        this.identity = identity;
        this.snapshots = snapshots;
        path = folder.current();
        if (folder.writes()) {
            index = path == null ? null : openOrNull(last);
            if (index == null) {
                path = folder.fresh();
                index = LuceneIndex.open(path, identity);
                folder.install(path);
            }
            folder.keepOnly(path);
        } else {
            index = openToSearch();
        }
    }

    /**
     * Opens the index in the folder, or makes one.
     *
     * @param store where snapshots of it are
     * @param last number of the corpus's last change
     * @throws LockObtainFailedException if another process writes there, in another format, language or for another
     *     corpus
     */
    static LuceneEngine open(Path root, IndexIdentity identity, Blobs store, long last) throws IOException {
        IndexFolder folder = IndexFolder.open(root);
        try {
            return new LuceneEngine(folder, identity, new SnapshotReader(store, identity), last);
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private LuceneIndex openOrNull(long last) throws IOException {
        try {
            LuceneIndex opened = LuceneIndex.open(path, identity);
            if (opened.outdated() != null) {
                sayAnew(opened.outdated());
            } else if (opened.written() > last) {
                sayAnew("it has followed the corpus to change " + opened.written() + ", and the database only has "
                        + last);
                opened.close();
                return null;
            }
            return opened;
        } catch (FileSystemException | LockObtainFailedException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            sayAnew(e.getMessage());
            return null;
        }
    }

    private void sayAnew(String why) {
        LOG.warnf("%s is made anew from the database: %s", name(), why);
    }

    private LuceneIndex openToSearch() throws IOException {
        if (path == null) {
            throw new IOException("another process is about to make it");
        }
        return LuceneIndex.openToSearch(path, identity);
    }

    @Override
    public Found search(String question, int k, Filter filter, Principal caller) throws IOException {
        LuceneIndex open = writes() ? index : refreshed();
        try {
            return open.search(question, k, filter, caller);
        } catch (AlreadyClosedException e) {
            LuceneIndex next = index;
            if (next == open) {
                throw e;
            }
            return next.search(question, k, filter, caller);
        }
    }

    @Override
    public long count(Collection<String> passageIds) throws IOException {
        return (writes() ? index : refreshed()).count(passageIds);
    }

    /** What the process that writes has committed by now. */
    private synchronized LuceneIndex refreshed() throws IOException {
        Path now = folder.current();
        if (now != null && !now.equals(path)) {
            LuceneIndex before = index;
            path = now;
            index = openToSearch();
            before.close();
        } else {
            index.refresh();
        }
        return index;
    }

    @Override
    public long shown() {
        return index.shown();
    }

    @Override
    public boolean writes() {
        return folder.writes();
    }

    @Override
    public boolean mayWrite() {
        return writes();
    }

    @Override
    public LuceneIndex current() {
        return index;
    }

    @Override
    public boolean jump(long last) throws IOException {
        for (SnapshotReader.Found found : newerSnapshots(last)) {
            Path fresh = folder.fresh();
            LuceneIndex next;
            try {
                next = opened(found.snapshot(), fresh);
            } catch (IOException | IllegalArgumentException | UserException e) {
                LOG.warnf("snapshot %s of the index is refused: %s", found.key(), reason(e));
                IndexFolder.delete(fresh);
                continue;
            }
            install(next);
            LOG.infof("%s is the snapshot at change %d from now on", name(), next.written());
            return true;
        }
        return false;
    }

    private List<SnapshotReader.Found> newerSnapshots(long last) {
        try {
            return snapshots.between(index.written(), last);
        } catch (UserException e) {
            LOG.warnf("%s follows the database alone, since no snapshot can be had: %s", name(), e.getMessage());
            return List.of();
        }
    }

    private LuceneIndex opened(Snapshot snapshot, Path fresh) throws IOException {
        snapshots.fetch(snapshot, path, fresh);
        LuceneIndex next = LuceneIndex.open(fresh, identity);
        if (next.outdated() != null || next.written() != snapshot.written()) {
            next.close();
            throw new IOException("its files are of another index than it says");
        }
        return next;
    }

    private static String reason(Exception e) {
        return e instanceof IOException io ? IoReason.of(io) : e.getMessage();
    }

    @Override
    public LuceneIndex fresh() throws IOException {
        return LuceneIndex.open(folder.fresh(), identity);
    }

    @Override
    public synchronized void install(FollowingIndex fresh) throws IOException {
        LuceneIndex next = (LuceneIndex) fresh;
        next.commit();
        next.show();
        folder.install(next.folder());
        LuceneIndex before = index;
        path = next.folder();
        index = next;
        before.close();
        folder.keepOnly(path);
    }

    @Override
    public String name() {
        return "index " + folder.root();
    }

    @Override
    public void close() throws IOException {
        try (folder) {
            index.close();
        }
    }
}
