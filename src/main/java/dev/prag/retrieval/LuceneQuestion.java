package dev.prag.retrieval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.FieldDoc;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;

/** The words of a question, searched in one state of an index. */
final class LuceneQuestion {
    /** The largest page of hits that is looked through for passages of other texts. */
    private static final int MOST_HITS = 10_000;
    /** Equal scores in the order of ids, so that an answer doesn't depend on the history of the index. */
    private static final Sort BY_SCORE =
            new Sort(SortField.FIELD_SCORE, new SortField(IndexedFields.ID, SortField.Type.STRING));

    private LuceneQuestion() {}

    /** The best {@code k} passages of different texts, best first. */
    static Found search(IndexSearcher searcher, Set<String> words, int k, Filter filter) throws IOException {
        Collection<String> searched = rarest(words, mostWords(filter), searcher.getIndexReader()::docFreq);
        return new Found(distinct(searcher, query(searched, filter).build(), k), words.size(), searched.size());
    }

    /** The same of what a caller may read, as if there were nothing else. */
    static Found search(ReadableSearcher searcher, Set<String> words, int k, Filter filter) throws IOException {
        Collection<String> searched = rarest(words, mostWords(filter), searcher::docFreq);
        BooleanQuery.Builder query = new BooleanQuery.Builder().setMinimumNumberShouldMatch(1);
        for (TermQuery term : terms(searched)) {
            if (searcher.docFreq(term.getTerm()) > 0) {
                query.add(term, Occur.SHOULD);
            }
        }
        filter(query, filter);
        query.add(searcher.readable(), Occur.FILTER);
        return new Found(distinct(searcher, query.build(), k), words.size(), searched.size());
    }

    /** How many words a query holds beside the filter. */
    static int mostWords(Filter filter) {
        // One clause is for what a caller may read.
        return (IndexSearcher.getMaxClauseCount() - 1 - filter.conditions().size()) / IndexedFields.SEARCHED.size();
    }

    /** All words, or as many of the rarest as there may be clauses for. */
    private static Collection<String> rarest(Set<String> words, int most, WordStatistics.Frequency frequency)
            throws IOException {
        if (words.size() <= most) {
            return words;
        }
        Map<String, Integer> passages = new HashMap<>();
        for (String word : words) {
            int count = 0;
            for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
                count += frequency.of(new Term(searched.field(), word));
            }
            // What is nowhere finds nothing.
            passages.put(word, count == 0 ? Integer.MAX_VALUE : count);
        }
        return words.stream()
                .sorted(Comparator.comparing(passages::get))
                .limit(most)
                .toList();
    }

    private static BooleanQuery.Builder query(Collection<String> words, Filter filter) {
        BooleanQuery.Builder query = new BooleanQuery.Builder().setMinimumNumberShouldMatch(1);
        terms(words).forEach(term -> query.add(term, Occur.SHOULD));
        filter(query, filter);
        return query;
    }

    private static List<TermQuery> terms(Collection<String> words) {
        return words.stream()
                .flatMap(word -> IndexedFields.SEARCHED.stream()
                        .map(searched -> new TermQuery(new Term(searched.field(), word))))
                .toList();
    }

    private static void filter(BooleanQuery.Builder query, Filter filter) {
        filter.conditions().forEach(condition -> query.add(LuceneMetadata.query(condition), Occur.FILTER));
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
                if (texts.add(document.getBinaryValue(IndexedFields.CONTENT))) {
                    float score = (Float) ((FieldDoc) scored).fields[0];
                    hits.add(new Hit(document.get(IndexedFields.ID), score));
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
}
