package dev.prag.retrieval;

import dev.prag.access.Principal;
import dev.prag.corpus.Change;
import dev.prag.corpus.DocumentPassages;
import dev.prag.corpus.PassageSource;
import dev.prag.corpus.PassageText;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexCommit;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexWriterConfig.OpenMode;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.KeepOnlyLastCommitDeletionPolicy;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.SnapshotDeletionPolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.SearcherFactory;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.util.BytesRef;

/**
 * One index in its folder: a Lucene document for each passage. It keeps with each commit of its own what it is made of
 * and for, and the number of the change up to which it is written. One process writes; others may search what it
 * committed.
 */
public final class LuceneIndex implements FollowingIndex {
    static final String WRITTEN = "written";
    /** Memory for what is written before it becomes a segment. */
    private static final int BUFFER_MIB = 64;
    /** What a store takes in one piece. */
    private static final int SEGMENT_MIB = 2048;

    private final PassageAnalyzer analyzer;
    private final IndexIdentity identity;
    private final Path folder;
    private final Directory directory;
    private final String outdated;
    private final IndexWriter writer;
    private final SnapshotDeletionPolicy commits = new SnapshotDeletionPolicy(new KeepOnlyLastCommitDeletionPolicy());
    private final SearcherManager searchers;
    private final ReadableSegments readable = new ReadableSegments();
    private volatile long written;
    private volatile long shown;
    private boolean isCommitted = true;

    private static final SearcherFactory BLENDING = new SearcherFactory() {
        @Override
        public IndexSearcher newSearcher(IndexReader reader, IndexReader previous) {
            return new BlendingSearcher(reader);
        }
    };

    private LuceneIndex(
            Path folder, Directory directory, IndexIdentity identity, boolean writing, Map<String, String> kept)
            throws IOException {
        this.folder = folder;
        this.analyzer = new PassageAnalyzer(identity.language());
        this.identity = identity;
        this.directory = directory;
        this.outdated = kept.isEmpty() ? null : identity.difference(kept);
        if (writing) {
            boolean isNew = kept.isEmpty() || outdated != null;
            written = isNew ? 0 : Long.parseLong(kept.get(WRITTEN));
            IndexWriterConfig config = new IndexWriterConfig(analyzer)
                    .setSimilarity(new BM25Similarity())
                    // What was deleted counts in the statistics until it is merged away, so that is done early.
                    .setMergePolicy(
                            new TieredMergePolicy().setDeletesPctAllowed(5).setMaxMergedSegmentMB(SEGMENT_MIB))
                    .setIndexDeletionPolicy(commits)
                    .setRAMBufferSizeMB(BUFFER_MIB)
                    .setOpenMode(isNew ? OpenMode.CREATE : OpenMode.APPEND);
            writer = new IndexWriter(directory, config);
            if (isNew) {
                keepPosition();
                writer.commit();
            }
            searchers = new SearcherManager(writer, BLENDING);
        } else {
            written = Long.parseLong(kept.get(WRITTEN));
            writer = null;
            searchers = new SearcherManager(directory, BLENDING);
        }
        shown = written;
    }

    /**
     * Opens the index to write it, making it where there is none, and emptying it where it is another one than named.
     *
     * @throws LockObtainFailedException if another process writes it
     * @throws IOException if it is damaged, or nothing can be read there
     */
    public static LuceneIndex open(Path folder, IndexIdentity identity) throws IOException {
        Directory directory = LuceneFolder.open(folder);
        try {
            Map<String, String> kept = DirectoryReader.indexExists(directory) ? kept(directory) : Map.of();
            return new LuceneIndex(folder, directory, identity, true, kept);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /**
     * Opens the index, which another process writes, for searching what that one has committed.
     *
     * @throws LockObtainFailedException if it is another one than named
     * @throws IOException if it isn't there or damaged
     */
    static LuceneIndex openToSearch(Path folder, IndexIdentity identity) throws IOException {
        Directory directory = LuceneFolder.open(folder);
        try {
            Map<String, String> kept = kept(directory);
            String difference = identity.difference(kept);
            if (difference != null) {
                throw new LockObtainFailedException(difference + ", and another process writes it");
            }
            return new LuceneIndex(folder, directory, identity, false, kept);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static Map<String, String> kept(Directory directory) throws IOException {
        return SegmentInfos.readLatestCommit(directory).getUserData();
    }

    Path folder() {
        return folder;
    }

    /** Why it was emptied when it was opened, as a sentence goes on after its name; null if it wasn't. */
    String outdated() {
        return outdated;
    }

    @Override
    public long written() {
        return written;
    }

    /** The number of the change up to which searches see it. */
    long shown() {
        return shown;
    }

    @Override
    public void follow(List<Change> changes, PassageSource source) throws IOException {
        List<String> ids = changes.stream().map(Change::documentId).toList();
        isCommitted = false;
        writer.deleteDocuments(
                ids.stream().map(id -> new Term(IndexedFields.DOCUMENT, id)).toArray(Term[]::new));
        source.read(ids, this::add);
        written = changes.getLast().seq();
        keepPosition();
    }

    /** Takes in passages beside what is there. */
    public void add(DocumentPassages document) throws IOException {
        isCommitted = false;
        List<IndexableField> beside = LuceneMetadata.fields(document.metadata());
        ReaderTerms.of(document.readers())
                .forEach(reader -> beside.add(new StringField(IndexedFields.READERS, reader, Field.Store.NO)));
        for (PassageText passage : document.passages()) {
            Document indexed = document(passage);
            beside.forEach(indexed::add);
            writer.addDocument(indexed);
        }
    }

    private static Document document(PassageText passage) {
        Document document = new Document();
        document.add(new StringField(IndexedFields.ID, passage.id(), Field.Store.YES));
        document.add(new SortedDocValuesField(IndexedFields.ID, new BytesRef(passage.id())));
        document.add(new StringField(IndexedFields.DOCUMENT, passage.documentId(), Field.Store.NO));
        document.add(new StoredField(IndexedFields.CONTENT, IndexedFields.content(passage.text())));
        for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
            String text = searched.of().apply(passage);
            if (text != null) {
                document.add(new TextField(searched.field(), text, Field.Store.NO));
            }
        }
        return document;
    }

    private void keepPosition() {
        Map<String, String> data = new HashMap<>(identity.data());
        data.put(WRITTEN, Long.toString(written));
        writer.setLiveCommitData(data.entrySet());
    }

    @Override
    public void show() throws IOException {
        long now = written;
        searchers.maybeRefreshBlocking();
        shown = now;
    }

    @Override
    public void commit() throws IOException {
        if (!isCommitted) {
            writer.commit();
            isCommitted = true;
        }
    }

    /**
     * The index as it was last committed, whose files stay as long as it is held.
     *
     * @param data what it is made of and for, and {@link #WRITTEN}
     */
    record Commit(Path folder, Map<String, String> data, Collection<String> files, Closeable release)
            implements Closeable {
        long written() {
            return Long.parseLong(data.get(WRITTEN));
        }

        @Override
        public void close() throws IOException {
            release.close();
        }
    }

    /** Holds the last commit; by any thread. */
    Commit hold() throws IOException {
        IndexCommit commit = commits.snapshot();
        return new Commit(folder, commit.getUserData(), commit.getFileNames(), () -> {
            commits.release(commit);
            writer.deleteUnusedFiles();
        });
    }

    /** Sees what the process that writes it has committed. */
    void refresh() throws IOException {
        searchers.maybeRefreshBlocking();
    }

    @Override
    public long passages() throws IOException {
        IndexSearcher searcher = searchers.acquire();
        try {
            return searcher.getIndexReader().numDocs();
        } finally {
            searchers.release(searcher);
        }
    }

    /** As {@link SearchEngine#count}. */
    long count(Collection<String> passageIds) throws IOException {
        IndexSearcher searcher = searchers.acquire();
        try {
            return searcher.count(new TermInSetQuery(
                    IndexedFields.ID, passageIds.stream().map(BytesRef::new).toList()));
        } finally {
            searchers.release(searcher);
        }
    }

    /** As {@link SearchEngine#search(String, int, Filter)}. */
    public Found search(String question, int k, Filter filter) throws IOException {
        return search(question, k, filter, Principal.LOCAL);
    }

    /** As {@link SearchEngine#search}. */
    Found search(String question, int k, Filter filter, Principal caller) throws IOException {
        IndexSearcher searcher = searchers.acquire();
        try {
            Set<String> words = analyzer.words(question);
            return caller.readsAll()
                    ? LuceneQuestion.search(searcher, words, k, filter)
                    : LuceneQuestion.search(
                            new ReadableSearcher(searcher.getIndexReader(), ReaderTerms.of(caller), readable),
                            words,
                            k,
                            filter);
        } finally {
            searchers.release(searcher);
        }
    }

    @Override
    public void close() throws IOException {
        try (directory;
                writer) {
            searchers.close();
        } finally {
            analyzer.close();
        }
    }
}
