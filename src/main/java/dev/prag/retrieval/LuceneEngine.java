package dev.prag.retrieval;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.LockObtainFailedException;
import org.jboss.logging.Logger;

/** Lucene in this process, on a folder of this machine. Where another process writes there, this one only searches. */
final class LuceneEngine implements SearchEngine {
    private static final Logger LOG = Logger.getLogger(LuceneEngine.class);

    private final IndexFolder folder;
    private final IndexIdentity identity;
    /** Guarded by this. */
    private Path path;

    private volatile LuceneIndex index;

    private LuceneEngine(IndexFolder folder, IndexIdentity identity, long last) throws IOException {
        this.folder = folder;
        this.identity = identity;
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
     * @param last number of the corpus's last change
     * @throws LockObtainFailedException if another process writes there, in another format, language or for another
     *     corpus
     */
    static LuceneEngine open(Path root, IndexIdentity identity, long last) throws IOException {
        IndexFolder folder = IndexFolder.open(root);
        try {
            return new LuceneEngine(folder, identity, last);
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
    public Found search(String question, int k, Filter filter) throws IOException {
        LuceneIndex open = writes() ? index : refreshed();
        try {
            return open.search(question, k, filter);
        } catch (AlreadyClosedException e) {
            LuceneIndex next = index;
            if (next == open) {
                throw e;
            }
            return next.search(question, k, filter);
        }
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
    public LuceneIndex current() {
        return index;
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
