package dev.prag.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.corpus.Change;
import dev.prag.corpus.PassageSource;
import dev.prag.corpus.PassageText;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One index of OpenSearch, under its own name. It is refreshed only when it is shown, and the number up to which it is
 * written is a document in it, so that searches see both at once. Everything carries the number of its change as its
 * version: one who was leading and doesn't know that it isn't any more can't put something older in place of newer.
 */
final class OpenSearchIndex implements FollowingIndex {
    /** No passage has this id: theirs are hashes. */
    private static final String POSITION = "position";
    /** Passages that are looked up at once to be deleted. */
    private static final int PAGE = 1000;

    private final OpenSearchClient client;
    private final String name;
    private final PassageAnalyzer analyzer;
    /** Documents that were written and that searches of the index, also those of this writer, don't see yet. */
    private final Set<String> hidden = new HashSet<>();

    private boolean isUnfinished;
    private long written;
    private volatile long shown;

    OpenSearchIndex(OpenSearchClient client, String name, Language language) {
        this.client = client;
        this.name = name;
        this.analyzer = new PassageAnalyzer(language);
        this.shown = shown(client, name);
        this.written = shown;
    }

    /** The number of the change up to which searches of an index or alias see it; 0 where there is none. */
    static long shown(OpenSearchClient client, String name) {
        JsonNode position = client.call(
                "GET",
                "/" + name + "/_doc/" + POSITION,
                Map.of("realtime", "false", "stored_fields", OpenSearchPassage.WRITTEN),
                null);
        return position.at("/fields/" + OpenSearchPassage.WRITTEN + "/0").asLong();
    }

    String name() {
        return name;
    }

    long shown() {
        return shown;
    }

    @Override
    public long written() {
        return written;
    }

    @Override
    public void follow(List<Change> changes, PassageSource source) throws IOException {
        Map<String, Long> documents = new LinkedHashMap<>();
        changes.forEach(change -> documents.put(change.documentId(), change.seq()));
        if (isUnfinished || !Collections.disjoint(hidden, documents.keySet())) {
            refresh();
        }
        isUnfinished = true;
        OpenSearchBulk bulk = new OpenSearchBulk(client, name);
        removeOlder(documents, changes.getFirst().seq(), bulk);
        source.read(documents.keySet(), page -> {
            ObjectNode beside = OpenSearchPassage.beside(page);
            long seq = documents.get(page.documentId());
            for (PassageText passage : page.passages()) {
                bulk.index(passage.id(), seq, OpenSearchPassage.passage(passage, beside, seq, analyzer));
            }
        });
        bulk.flush();
        isUnfinished = false;
        hidden.addAll(documents.keySet());
        written = changes.getLast().seq();
    }

    /** Deletes what there is of documents from before that change, page by page. */
    private void removeOlder(Map<String, Long> documents, long first, OpenSearchBulk bulk) {
        ObjectNode search = OpenSearchClient.object();
        search.put("size", PAGE).put("_source", false).put("track_total_hits", false);
        search.putArray("docvalue_fields").add(IndexedFields.DOCUMENT);
        search.putArray("sort").addObject().put(IndexedFields.ID, "asc");
        ArrayNode filter = search.putObject("query").putObject("bool").putArray("filter");
        ArrayNode ids = filter.addObject().putObject("terms").putArray(IndexedFields.DOCUMENT);
        documents.keySet().forEach(ids::add);
        filter.addObject().putObject("range").putObject(OpenSearchPassage.SEQ).put("lt", first);
        JsonNode hits;
        do {
            hits = client.call("POST", "/" + name + "/_search", Map.of(), search)
                    .at("/hits/hits");
            for (JsonNode hit : hits) {
                String document =
                        hit.at("/fields/" + IndexedFields.DOCUMENT + "/0").asText();
                bulk.delete(hit.get("_id").asText(), documents.get(document));
                search.putArray("search_after").add(hit.at("/sort/0").asText());
            }
        } while (hits.size() == PAGE);
    }

    @Override
    public void show() {
        OpenSearchBulk bulk = new OpenSearchBulk(client, name);
        bulk.index(POSITION, written, OpenSearchClient.object().put(OpenSearchPassage.WRITTEN, written));
        bulk.flush();
        refresh();
        shown = written;
    }

    private void refresh() {
        client.call("POST", "/" + name + "/_refresh", Map.of(), null);
        hidden.clear();
    }

    /** Each bulk is on disk there when it is answered. */
    @Override
    public void commit() {}

    @Override
    public long passages() {
        ObjectNode count = OpenSearchClient.object();
        count.putObject("query").putObject("exists").put("field", IndexedFields.DOCUMENT);
        return client.call("POST", "/" + name + "/_count", Map.of(), count)
                .path("count")
                .asLong();
    }

    @Override
    public void close() {
        analyzer.close();
    }
}
