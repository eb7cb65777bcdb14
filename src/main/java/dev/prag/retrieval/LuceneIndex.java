package dev.prag.retrieval;

import dev.prag.base.Hashes;
import dev.prag.base.NativeImage;
import dev.prag.corpus.PassageText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexWriterConfig.OpenMode;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.FieldDoc;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.store.NIOFSDirectory;
import org.apache.lucene.util.BytesRef;

/**
 * The index in its folder: a document for each passage with its id, its version, and the words of title and text. One
 * process writes; where another does, this one only searches.
 */
public final class LuceneIndex implements AutoCloseable {
    /** Raised when what is indexed changes: an index of another format is made anew. */
    private static final String FORMAT = "2";

    private static final String ID = "id";
    private static final String VERSION = "version";
    /** Hash of the text: passages of the same one are found once. */
    private static final String CONTENT = "content";

    private static final int CONTENT_BYTES = 16;
    /** What is searched: a clause for each word in each of them. */
    private static final List<Searched> SEARCHED = List.of(
            new Searched("title", PassageText::title),
            new Searched("headings", passage -> passage.headings().isEmpty() ? null : passage.headings()),
            new Searched("text", PassageText::text));
    /** The largest page of hits that is looked through for passages of other texts. */
    private static final int MOST_HITS = 10_000;
    /** Equal scores in the order of ids, so that an answer doesn't depend on the history of the index. */
    private static final Sort BY_SCORE = new Sort(SortField.FIELD_SCORE, new SortField(ID, SortField.Type.STRING));

    /** A field of the index, and what of a passage is in it; null for nothing. */
    private record Searched(String field, Function<PassageText, String> of) {}

    private final PassageAnalyzer analyzer;
    private final Directory directory;
    private final String outdated;
    private final IndexWriter writer;
    private final SearcherManager searchers;

    private LuceneIndex(Directory directory, Language language, boolean writing, String outdated) throws IOException {
        this.analyzer = new PassageAnalyzer(language);
        this.directory = directory;
        this.outdated = outdated;
        if (writing) {
            IndexWriterConfig config = new IndexWriterConfig(analyzer)
                    .setSimilarity(new BM25Similarity())
                    // What was deleted counts in the statistics until it is merged away, so that is done early.
                    .setMergePolicy(new TieredMergePolicy().setDeletesPctAllowed(5))
                    .setRAMBufferSizeMB(64)
                    .setOpenMode(outdated == null ? OpenMode.CREATE_OR_APPEND : OpenMode.CREATE);
            writer = new IndexWriter(directory, config);
            writer.setLiveCommitData(format(language).entrySet());
            writer.commit();
            searchers = new SearcherManager(writer, null);
        } else {
            writer = null;
            searchers = new SearcherManager(directory, null);
        }
    }

    /** As {@link #open(Path, Language)}, with the analysis for any language. */
    public static LuceneIndex open(Path folder) throws IOException {
        return open(folder, Language.NEUTRAL);
    }

    /**
     * Opens the index, making it where there is none, and emptying it where it was made in another format or for another
     * language. Where another process writes it, it is opened for searching alone.
     *
     * @throws LockObtainFailedException if another process writes it, in another format or for another language
     * @throws IOException if it is damaged, or nothing can be read there
     */
    public static LuceneIndex open(Path folder, Language language) throws IOException {
        // A mapped file is given back by closing a shared arena, which a native image can't.
        Directory directory = NativeImage.isRunning() ? new NIOFSDirectory(folder) : FSDirectory.open(folder);
        try {
            String outdated = DirectoryReader.indexExists(directory) ? outdated(directory, language) : null;
            try {
                return new LuceneIndex(directory, language, true, outdated);
            } catch (LockObtainFailedException e) {
                if (outdated != null) {
                    throw new LockObtainFailedException(outdated + ", and another process writes it", e);
                }
                return new LuceneIndex(directory, language, false, null);
            }
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static Map<String, String> format(Language language) {
        return Map.of("format", FORMAT, "language", language.code());
    }

    /** In what the index differs from one that would be made now, in words; null where it doesn't. */
    private static String outdated(Directory directory, Language language) throws IOException {
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
            Map<String, String> made = reader.getIndexCommit().getUserData();
            for (String key : List.of("format", "language")) {
                String now = format(language).get(key);
                if (!now.equals(made.get(key))) {
                    return "its " + key + " is " + made.get(key) + ", not " + now;
                }
            }
            return null;
        }
    }

    /** Why it was emptied when it was opened; null if it wasn't. */
    String outdated() {
        return outdated;
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
        document.add(new StoredField(CONTENT, content(passage.text())));
        for (Searched searched : SEARCHED) {
            String text = searched.of().apply(passage);
            if (text != null) {
                document.add(new TextField(searched.field(), text, Field.Store.NO));
            }
        }
        writer.updateDocument(new Term(ID, passage.id()), document);
    }

    private static byte[] content(String text) {
        return Arrays.copyOf(HexFormat.of().parseHex(Hashes.sha256(text)), CONTENT_BYTES);
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

    /** The best {@code k} passages, best first, as {@link PassageIndex#find} gives them. */
    public Found search(String question, int k) throws IOException {
        if (!writes()) {
            searchers.maybeRefreshBlocking();
        }
        Set<String> words = analyzer.words(question);
        IndexSearcher searcher = searchers.acquire();
        try {
            Collection<String> searched = rarest(words, searcher.getIndexReader());
            return new Found(distinct(searcher, query(searched), k), words.size(), searched.size());
        } finally {
            searchers.release(searcher);
        }
    }

    /** How many words a query holds. */
    static int mostWords() {
        return IndexSearcher.getMaxClauseCount() / SEARCHED.size();
    }

    /** All words, or as many of the rarest as there may be clauses for. */
    private static Collection<String> rarest(Set<String> words, IndexReader reader) throws IOException {
        int most = mostWords();
        if (words.size() <= most) {
            return words;
        }
        Map<String, Integer> passages = new HashMap<>();
        for (String word : words) {
            int count = 0;
            for (Searched searched : SEARCHED) {
                count += reader.docFreq(new Term(searched.field(), word));
            }
            // What is nowhere finds nothing.
            passages.put(word, count == 0 ? Integer.MAX_VALUE : count);
        }
        return words.stream()
                .sorted(Comparator.comparing(passages::get))
                .limit(most)
                .toList();
    }

    private static Query query(Collection<String> words) {
        BooleanQuery.Builder query = new BooleanQuery.Builder();
        for (String word : words) {
            for (Searched searched : SEARCHED) {
                query.add(new TermQuery(new Term(searched.field(), word)), Occur.SHOULD);
            }
        }
        return query.build();
    }

    /** The best hits of different texts: where some have the same one, the next best take their places. */
    private static List<Hit> distinct(IndexSearcher searcher, Query query, int k) throws IOException {
        List<Hit> hits = new ArrayList<>(k);
        Set<BytesRef> texts = new HashSet<>();
        ScoreDoc last = null;
        int page = k;
        while (true) {
            ScoreDoc[] found = searcher.searchAfter(last, query, page, BY_SCORE).scoreDocs;
            for (ScoreDoc scored : found) {
                Document document = searcher.storedFields().document(scored.doc);
                if (texts.add(document.getBinaryValue(CONTENT))) {
                    float score = (Float) ((FieldDoc) scored).fields[0];
                    hits.add(new Hit(document.get(ID), score));
                    if (hits.size() == k) {
                        return hits;
                    }
                }
            }
            if (found.length < page) {
                return hits;
            }
            last = found[found.length - 1];
            page = Math.min(2 * page, MOST_HITS);
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
