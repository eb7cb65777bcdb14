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
     * @param statistics of the words, as {@link #statistics} asks for them
     * @param caller who finds no others than the caller may read
     */
    static ObjectNode search(Collection<String> words, JsonNode statistics, int k, Filter filter, Principal caller) {
        ObjectNode search = OpenSearchClient.object();
        search.put("size", k);
        search.put("_source", false);
        search.put("track_total_hits", false);
        ObjectNode query = search.putObject("query").putObject("bool");
        query.put("minimum_should_match", 1);
        ArrayNode should = query.putArray("should");
        for (String word : words) {
            long most = IndexedFields.SEARCHED.stream()
                    .mapToLong(searched -> frequency(statistics, searched.field(), word))
                    .max()
                    .orElse(0);
            for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
                long own = frequency(statistics, searched.field(), word);
                if (own > 0) {
                    long passages = field(statistics, searched.field())
                            .at("/field_statistics/doc_count")
                            .asLong();
                    // The engine judges a word by its field; see WordStatistics.
                    double boost = WordStatistics.idf(WordStatistics.within(most, passages), passages)
                            / WordStatistics.idf(own, passages);
                    should.addObject()
                            .putObject("term")
                            .putObject(searched.field())
                            .put("value", word)
                            .put("boost", boost);
                }
            }
        }
        if (should.isEmpty()) {
            should.addObject().putObject("match_none");
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

    private static JsonNode field(JsonNode statistics, String name) {
        return statistics.path("term_vectors").path(name);
    }

    private static long frequency(JsonNode statistics, String field, String word) {
        return field(statistics, field)
                .path("terms")
                .path(word)
                .path("doc_freq")
                .asLong();
    }

    /** The body of a request for how many passages have each of the words, and each of the fields. */
    static ObjectNode statistics(Collection<String> words) {
        ObjectNode request = OpenSearchClient.object();
        ObjectNode document = request.putObject("doc");
        ArrayNode fields = request.putArray("fields");
        ObjectNode analyzers = request.putObject("per_field_analyzer");
        for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
            // They were analysed already.
            analyzers.put(searched.field(), "whitespace");
            document.put(searched.field(), String.join(" ", words));
            fields.add(searched.field());
        }
        return request.put("term_statistics", true)
                .put("field_statistics", true)
                .put("offsets", false)
                .put("positions", false);
    }

    /** As many of the words as may be searched, the rarest. */
    static List<String> rarest(Collection<String> words, int most, JsonNode statistics) {
        Map<String, Integer> passages = new HashMap<>();
        for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
            field(statistics, searched.field())
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
