package dev.prag.retrieval;

import dev.prag.corpus.PassageText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.FieldDoc;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.util.BytesRef;

/**
 * The index in its folder: a document for each passage with its id, its version, and the words of title and text. One
 * process writes; where another does, this one only searches.
 */
public final class LuceneIndex implements AutoCloseable {
    /** Raised when what is indexed changes: an index of another format is made anew. */
    private static final String FORMAT = "1";

    private static final String ID = "id";
    private static final String VERSION = "version";
    private static final String TITLE = "title";
    private static final String TEXT = "text";
    /** Two clauses a word stay below Lucene's bound of 1,024. */
    private static final int MOST_WORDS = 500;
    /** Equal scores in the order of ids, so that an answer doesn't depend on the history of the index. */
    private static final Sort BY_SCORE = new Sort(SortField.FIELD_SCORE, new SortField(ID, SortField.Type.STRING));

    private final PassageAnalyzer analyzer = new PassageAnalyzer();
    private final Directory directory;
    private final IndexWriter writer;
    private final SearcherManager searchers;

    private LuceneIndex(Directory directory, boolean writing) throws IOException {
        this.directory = directory;
        if (writing) {
            IndexWriterConfig config = new IndexWriterConfig(analyzer)
                    .setSimilarity(new BM25Similarity())
                    // What was deleted counts in the statistics until it is merged away, so that is done early.
                    .setMergePolicy(new TieredMergePolicy().setDeletesPctAllowed(5))
                    .setRAMBufferSizeMB(64);
            writer = new IndexWriter(directory, config);
            writer.setLiveCommitData(Map.of("format", FORMAT).entrySet());
            writer.commit();
            searchers = new SearcherManager(writer, null);
        } else {
            writer = null;
            searchers = new SearcherManager(directory, null);
        }
    }

    /**
     * Opens the index, making it where there is none. Where another process writes it, it is opened for searching alone.
     *
     * @throws IOException if it is damaged, or nothing can be read there
     */
    public static LuceneIndex open(Path folder) throws IOException {
        Directory directory = FSDirectory.open(folder);
        try {
            if (DirectoryReader.indexExists(directory)) {
                requireFormat(directory);
            }
            try {
                return new LuceneIndex(directory, true);
            } catch (LockObtainFailedException e) {
                return new LuceneIndex(directory, false);
            }
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static void requireFormat(Directory directory) throws IOException {
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
            String format = reader.getIndexCommit().getUserData().get("format");
            if (!FORMAT.equals(format)) {
                throw new IOException("its format is " + format + ", not " + FORMAT);
            }
        }
    }

    boolean writes() {
        return writer != null;
    }

    /** Indexes a passage in place of what was there under its id; to be seen after {@link #commit}. */
    public void put(PassageText passage) throws IOException {
        Document document = new Document();
        document.add(new StringField(ID, passage.id(), Field.Store.YES));
        document.add(new SortedDocValuesField(ID, new BytesRef(passage.id())));
        document.add(new BinaryDocValuesField(VERSION, new BytesRef(passage.version())));
        if (passage.title() != null) {
            document.add(new TextField(TITLE, passage.title(), Field.Store.NO));
        }
        document.add(new TextField(TEXT, passage.text(), Field.Store.NO));
        writer.updateDocument(new Term(ID, passage.id()), document);
    }

    void remove(String passageId) throws IOException {
        writer.deleteDocuments(new Term(ID, passageId));
    }

    void clear() throws IOException {
        writer.deleteAll();
    }

    /** Makes all that was put and removed last, and lets searches see it. */
    public void commit() throws IOException {
        writer.commit();
        searchers.maybeRefreshBlocking();
    }

    /** The versions of all passages, by id. */
    Map<String, String> versions() throws IOException {
        Map<String, String> versions = new HashMap<>();
        IndexSearcher searcher = searchers.acquire();
        try {
            for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
                LeafReader reader = leaf.reader();
                SortedDocValues ids = reader.getSortedDocValues(ID);
                BinaryDocValues values = reader.getBinaryDocValues(VERSION);
                for (int i = 0; i < reader.maxDoc(); i++) {
                    boolean live =
                            reader.getLiveDocs() == null || reader.getLiveDocs().get(i);
                    if (live && ids != null && values != null && ids.advanceExact(i) && values.advanceExact(i)) {
                        versions.put(
                                ids.lookupOrd(ids.ordValue()).utf8ToString(),
                                values.binaryValue().utf8ToString());
                    }
                }
            }
            return versions;
        } finally {
            searchers.release(searcher);
        }
    }

    /** The best {@code k} passages, best first, as {@link PassageIndex#search} gives them. */
    public List<Hit> search(String question, int k) throws IOException {
        BooleanQuery.Builder query = new BooleanQuery.Builder();
        for (String word : analyzer.words(question, MOST_WORDS)) {
            query.add(new TermQuery(new Term(TITLE, word)), Occur.SHOULD);
            query.add(new TermQuery(new Term(TEXT, word)), Occur.SHOULD);
        }
        if (!writes()) {
            searchers.maybeRefreshBlocking();
        }
        IndexSearcher searcher = searchers.acquire();
        try {
            TopDocs found = searcher.search(query.build(), k, BY_SCORE);
            List<Hit> hits = new ArrayList<>(found.scoreDocs.length);
            for (ScoreDoc scored : found.scoreDocs) {
                float score = (Float) ((FieldDoc) scored).fields[0];
                hits.add(new Hit(searcher.storedFields().document(scored.doc).get(ID), score));
            }
            return hits;
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
