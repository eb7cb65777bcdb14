package dev.prag.retrieval;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.ConstantScoreScorer;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.TermStatistics;
import org.apache.lucene.search.Weight;

/**
 * Searches an index for a caller who may not read all of it. Scores are those of an index of what the caller may read:
 * how many passages there are, how long they are and in how many a word is, count these alone.
 */
final class ReadableSearcher extends IndexSearcher {
    private final List<ReadableSegment> segments;

    ReadableSearcher(IndexReader reader, Set<String> terms, ReadableSegments kept) throws IOException {
        super(reader);
        this.segments = kept.of(reader, terms);
    }

    /** In how many readable passages the term is. */
    int docFreq(Term term) throws IOException {
        int count = 0;
        for (ReadableSegment segment : segments) {
            count += segment.docFreq(term);
        }
        return count;
    }

    @Override
    public TermStatistics termStatistics(Term term, int docFreq, long totalTermFreq) throws IOException {
        return WordStatistics.of(term, collectionStatistics(term.field()), this::docFreq);
    }

    @Override
    public CollectionStatistics collectionStatistics(String field) {
        ReadableSegment.Field all = segments.stream()
                .map(segment -> segment.field(field))
                .reduce(ReadableSegment.Field.NOTHING, ReadableSegment.Field::plus);
        return all.passages() == 0
                ? null
                : new CollectionStatistics(field, all.passages(), all.passages(), all.words(), all.passages());
    }

    /** Lets what the caller may read pass. */
    Query readable() {
        return new Readable(segments);
    }

    /** The passages of the segments that are readable. */
    private static final class Readable extends Query {
        private final List<ReadableSegment> segments;

        Readable(List<ReadableSegment> segments) {
            this.segments = segments;
        }

        @Override
        public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost) {
            return new ConstantScoreWeight(this, boost) {
                @Override
                public ScorerSupplier scorerSupplier(LeafReaderContext leaf) {
                    return new DefaultScorerSupplier(new ConstantScoreScorer(
                            score(), scoreMode, segments.get(leaf.ord).iterator()));
                }

                @Override
                public boolean isCacheable(LeafReaderContext leaf) {
                    return false;
                }
            };
        }

        @Override
        public String toString(String field) {
            return "readable";
        }

        @Override
        public void visit(QueryVisitor visitor) {
            visitor.visitLeaf(this);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Readable readable && readable.segments.equals(segments);
        }

        @Override
        public int hashCode() {
            return Objects.hash(segments);
        }
    }
}
