package dev.prag.retrieval;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.util.BitSetIterator;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.FixedBitSet;
import org.apache.lucene.util.SmallFloat;

/** The passages of a segment that some callers may read, and the statistics of these alone. */
final class ReadableSegment {
    /** Terms whose counts are kept; what is in fewer passages is counted each time. */
    private static final int MOST_COUNTS = 10_000;

    private static final int WORTH_KEEPING = 256;
    /** Of an object with its counts, about. */
    private static final long BASE_BYTES = 1024;

    private final LeafReader leaf;
    private final FixedBitSet passages;
    private final Map<String, Field> fields = new HashMap<>();
    private final Map<Term, Integer> counts = new ConcurrentHashMap<>();

    /**
     * A field of the readable passages.
     *
     * @param passages that have a word in it
     * @param words how many they have together, each passage's as precise as its score takes it
     */
    record Field(long passages, long words) {
        static final Field NOTHING = new Field(0, 0);

        Field plus(Field other) {
            return new Field(passages + other.passages, words + other.words);
        }
    }

    private ReadableSegment(LeafReader leaf, FixedBitSet passages) {
        this.leaf = leaf;
        this.passages = passages;
    }

    /** What is there, not deleted, and has one of the terms of readers. */
    static ReadableSegment of(LeafReader leaf, Set<String> terms) throws IOException {
        FixedBitSet passages = new FixedBitSet(leaf.maxDoc());
        for (String term : terms) {
            PostingsEnum having = leaf.postings(new Term(IndexedFields.READERS, term), PostingsEnum.NONE);
            if (having != null) {
                passages.or(having);
            }
        }
        Bits live = leaf.getLiveDocs();
        if (live != null) {
            live.applyMask(passages, 0);
        }
        ReadableSegment segment = new ReadableSegment(leaf, passages);
        for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
            segment.fields.put(searched.field(), segment.count(searched.field()));
        }
        return segment;
    }

    private Field count(String field) throws IOException {
        NumericDocValues lengths = leaf.getNormValues(field);
        if (lengths == null) {
            return Field.NOTHING;
        }
        long having = 0;
        long words = 0;
        DocIdSetIterator all = iterator();
        for (int passage = all.nextDoc(); passage != DocIdSetIterator.NO_MORE_DOCS; passage = all.nextDoc()) {
            if (lengths.advanceExact(passage) && lengths.longValue() != 0) {
                having++;
                words += SmallFloat.byte4ToInt((byte) lengths.longValue());
            }
        }
        return new Field(having, words);
    }

    Field field(String name) {
        return fields.getOrDefault(name, Field.NOTHING);
    }

    DocIdSetIterator iterator() {
        return new BitSetIterator(passages, passages.cardinality());
    }

    /** In how many of the passages the term is. */
    int docFreq(Term term) throws IOException {
        Integer known = counts.get(term);
        if (known != null) {
            return known;
        }
        Terms terms = leaf.terms(term.field());
        TermsEnum words = terms == null ? null : terms.iterator();
        if (words == null || !words.seekExact(term.bytes())) {
            return 0;
        }
        int count = 0;
        PostingsEnum having = words.postings(null, PostingsEnum.NONE);
        for (int passage = having.nextDoc(); passage != DocIdSetIterator.NO_MORE_DOCS; passage = having.nextDoc()) {
            if (passages.get(passage)) {
                count++;
            }
        }
        if (words.docFreq() > WORTH_KEEPING && counts.size() < MOST_COUNTS) {
            counts.put(term, count);
        }
        return count;
    }

    long bytes() {
        return BASE_BYTES + passages.length() / 8L;
    }
}
