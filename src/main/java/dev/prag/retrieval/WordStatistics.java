package dev.prag.retrieval;

import java.io.IOException;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.TermStatistics;

/**
 * How rare a word is. BM25 adds up over the fields, and each field alone would judge a word by itself: titles are short, so
 * that "how" and "the" are rare in them, and a title that shares nothing else with the question would come first. So a
 * word is as frequent everywhere as in the field that has it most often.
 */
final class WordStatistics {
    private WordStatistics() {}

    /** In how many passages a term is. */
    interface Frequency {
        int of(Term term) throws IOException;
    }

    /** Statistics of a term, of a searched field, as all searched fields have its word. */
    static TermStatistics of(Term term, CollectionStatistics field, Frequency frequency) throws IOException {
        long most = 0;
        for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
            most = Math.max(most, frequency.of(new Term(searched.field(), term.bytes())));
        }
        long within = within(most, field.docCount());
        return new TermStatistics(term.bytes(), within, within);
    }

    /** Frequency of a word in a field that so many passages have: it can't be in more. */
    static long within(long most, long passages) {
        return Math.min(most, passages);
    }

    /** BM25's inverse document frequency, in nats. */
    static double idf(long frequency, long passages) {
        return Math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5));
    }
}
