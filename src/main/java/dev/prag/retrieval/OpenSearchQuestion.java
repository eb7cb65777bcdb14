package dev.prag.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.access.Principal;
import dev.prag.retrieval.Filter.Condition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The words of a question as OpenSearch is asked for them. */
final class OpenSearchQuestion {
    /** Clauses that a query may have there, unless its operator has set another number. */
    private static final int MOST_CLAUSES = 1024;

    private OpenSearchQuestion() {}

    static int mostWords(Filter filter) {
        // One clause is for what a caller may read.
        return (MOST_CLAUSES - 1 - filter.conditions().size()) / IndexedFields.SEARCHED.size();
    }

    /**
     * The body of a search for the best {@code k} passages of different texts.
     *
     * @param caller who finds no others than the caller may read
     */
    static ObjectNode search(Collection<String> words, int k, Filter filter, Principal caller) {
        ObjectNode search = OpenSearchClient.object();
        search.put("size", k);
        search.put("_source", false);
        search.put("track_total_hits", false);
        ObjectNode query = search.putObject("query").putObject("bool");
        query.put("minimum_should_match", 1);
        ArrayNode should = query.putArray("should");
        for (String word : words) {
            for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
                should.addObject().putObject("term").putObject(searched.field()).put("value", word);
            }
        }
        ArrayNode conditions = query.putArray("filter");
        filter.conditions().forEach(condition -> add(conditions.addObject(), condition));
        if (!caller.readsAll()) {
            in(conditions.addObject(), IndexedFields.READERS, ReaderTerms.of(caller));
        }
        search.putObject("collapse").put("field", IndexedFields.CONTENT);
        ArrayNode sort = search.putArray("sort");
        sort.addObject().put("_score", "desc");
        sort.addObject().put(IndexedFields.ID, "asc");
        return search;
    }

    private static void add(ObjectNode query, Condition condition) {
        switch (condition) {
            case Condition.Documents documents -> in(query, IndexedFields.DOCUMENT, documents.ids());
            case Condition.AnyOf anyOf -> in(query, MetadataTerms.TERMS, anyOf.terms());
            case Condition.Between between ->
                query.putObject("range")
                        .putObject(MetadataTerms.ORDERED)
                        .put("gte", OpenSearchPassage.ordered(between.path(), between.from()))
                        .put("lte", OpenSearchPassage.ordered(between.path(), between.to()));
        }
    }

    private static void in(ObjectNode query, String field, Set<String> terms) {
        ArrayNode values = query.putObject("terms").putArray(field);
        terms.forEach(values::add);
    }

    static List<Hit> hits(JsonNode answer) {
        List<Hit> hits = new ArrayList<>();
        for (JsonNode hit : answer.at("/hits/hits")) {
            hits.add(new Hit(hit.get("_id").asText(), (float) hit.at("/sort/0").asDouble()));
        }
        return hits;
    }

    /** The body of a request for how many passages have each of the words. */
    static ObjectNode statistics(Collection<String> words) {
        ObjectNode request = OpenSearchClient.object();
        ObjectNode document = request.putObject("doc");
        ArrayNode fields = request.putArray("fields");
        for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
            document.put(searched.field(), String.join(" ", words));
            fields.add(searched.field());
        }
        return request.put("term_statistics", true)
                .put("field_statistics", false)
                .put("offsets", false)
                .put("positions", false);
    }

    /** As many of the words as may be searched, the rarest. */
    static List<String> rarest(Collection<String> words, int most, JsonNode statistics) {
        Map<String, Integer> passages = new HashMap<>();
        for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
            statistics
                    .path("term_vectors")
                    .path(searched.field())
                    .path("terms")
                    .properties()
                    .forEach(term -> passages.merge(
                            term.getKey(), term.getValue().path("doc_freq").asInt(), Integer::sum));
        }
        // What is nowhere finds nothing.
        passages.values().removeIf(count -> count == 0);
        return words.stream()
                .sorted(Comparator.comparing(word -> passages.getOrDefault(word, Integer.MAX_VALUE)))
                .limit(most)
                .toList();
    }
}
