package dev.prag.retrieval;

import java.io.IOException;
import java.util.concurrent.Executor;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermStatistics;

/** Searches an index in which a word is as rare in each field as {@link WordStatistics} has it. */
final class BlendingSearcher extends IndexSearcher {
    BlendingSearcher(IndexReader reader) {
        super(reader, (Executor) null);
    }

    @Override
    public TermStatistics termStatistics(Term term, int docFreq, long totalTermFreq) throws IOException {
        return IndexedFields.isSearched(term.field())
                ? WordStatistics.of(term, collectionStatistics(term.field()), getIndexReader()::docFreq)
                : super.termStatistics(term, docFreq, totalTermFreq);
    }
}
