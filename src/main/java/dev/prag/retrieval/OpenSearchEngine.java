package dev.prag.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.access.Principal;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.corpus.Leadership;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * OpenSearch. All processes search an alias that carries the corpus's id; the index behind it is written by the one
 * that leads, and replaced by having the alias name another.
 */
final class OpenSearchEngine implements SearchEngine {
    private static final Logger LOG = Logger.getLogger(OpenSearchEngine.class);

    /** Passages that are asked for at once. */
    private static final int COUNTED = 1000;

    private final OpenSearchClient client;
    private final IndexIdentity identity;
    private final PassageAnalyzer analyzer;
    private final String alias;
    private final int shards;
    private final boolean sharedStatistics;
    private final Leadership leadership;
    private final long last;
    /** Guarded by this, as {@link #leads}; null until it is needed. */
    private OpenSearchIndex index;

    private boolean leads;

    /** @param last number of the corpus's last change */
    OpenSearchEngine(
            OpenSearchClient client,
            IndexIdentity identity,
            OpenSearchConfig config,
            Leadership leadership,
            long last) {
        this.client = client;
        this.identity = identity;
        this.analyzer = new PassageAnalyzer(identity.language());
        this.alias = (config.index() + "-" + identity.corpusId())
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9_-]", "-");
        this.shards = config.shards();
        this.sharedStatistics = config.sharedStatistics();
        this.leadership = leadership;
        this.last = last;
    }

    @Override
    public Found search(String question, int k, Filter filter, Principal caller) {
        if (!caller.readsAll() && !sharedStatistics) {
            throw new UserException(
                    Kind.ENVIRONMENT,
                    "OpenSearch scores by how often words are in all documents, also those that this caller may not"
                            + " read; choose prag.retrieval.engine=lucene, or accept that with"
                            + " prag.opensearch.shared-statistics=true");
        }
        Set<String> words = analyzer.words(question);
        if (words.isEmpty()) {
            return new Found(List.of(), 0, 0);
        }
        JsonNode statistics =
                client.call("POST", "/" + alias + "/_termvectors", Map.of(), OpenSearchQuestion.statistics(words));
        int most = OpenSearchQuestion.mostWords(filter);
        Collection<String> searched = words.size() <= most ? words : OpenSearchQuestion.rarest(words, most, statistics);
        if (searched.isEmpty()) {
            return new Found(List.of(), words.size(), 0);
        }
        // Of several shards each has statistics of its own unless they are asked for first.
        JsonNode answer = client.call(
                "POST",
                "/" + alias + "/_search",
                shards > 1 ? Map.of("search_type", "dfs_query_then_fetch") : Map.of(),
                OpenSearchQuestion.search(searched, statistics, k, filter, caller));
        return new Found(OpenSearchQuestion.hits(answer), words.size(), searched.size());
    }

    @Override
    public long count(Collection<String> passageIds) {
        long count = 0;
        for (List<String> ids : pages(passageIds)) {
            ObjectNode request = OpenSearchClient.object();
            ArrayNode values = request.putObject("query").putObject("terms").putArray(IndexedFields.ID);
            ids.forEach(values::add);
            count += client.call("POST", "/" + alias + "/_count", Map.of(), request)
                    .path("count")
                    .asLong();
        }
        return count;
    }

    private static List<List<String>> pages(Collection<String> ids) {
        List<String> all = List.copyOf(ids);
        return IntStream.range(0, Math.ceilDiv(all.size(), COUNTED))
                .mapToObj(page -> all.subList(page * COUNTED, Math.min(all.size(), (page + 1) * COUNTED)))
                .toList();
    }

    @Override
    public synchronized long shown() {
        return index == null ? OpenSearchIndex.shown(client, alias) : index.shown();
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public boolean mayWrite() {
        return true;
    }

    @Override
    public synchronized boolean writes() {
        boolean now = leadership.isMine();
        if (now != leads) {
            // Whoever led before has gone further than this one remembers.
            forget();
            leads = now;
        }
        return now;
    }

    @Override
    public synchronized OpenSearchIndex current() {
        if (index == null) {
            index = openOrMake();
        }
        return index;
    }

    private OpenSearchIndex openOrMake() {
        String named = named();
        String different = named == null ? null : difference(named);
        if (named == null || different != null) {
            if (different != null) {
                LOG.warnf("%s is made anew from the database: %s", name(), different);
            }
            OpenSearchIndex fresh = fresh();
            point(named, fresh.name());
            named = fresh.name();
            fresh.close();
        }
        removeUnfinished(named);
        return new OpenSearchIndex(client, named, identity.language());
    }

    /** The index that the alias names; null if there is none. */
    private String named() {
        JsonNode indexes = client.call("GET", "/_alias/" + alias, Map.of(), null);
        return indexes.isMissingNode() || indexes.isEmpty()
                ? null
                : indexes.fieldNames().next();
    }

    private String difference(String name) {
        String difference = identity.difference(kept(name));
        long written = OpenSearchIndex.shown(client, name);
        return difference == null && written > last
                ? "it has followed the corpus to change " + written + ", and the database only has " + last
                : difference;
    }

    private Map<String, String> kept(String name) {
        Map<String, String> kept = new HashMap<>();
        client.call("GET", "/" + name + "/_mapping", Map.of(), null)
                .path(name)
                .at("/mappings/_meta")
                .properties()
                .forEach(entry -> kept.put(entry.getKey(), entry.getValue().asText()));
        return kept;
    }

    /** Deletes what somebody who led began to make for this corpus and didn't complete. */
    private void removeUnfinished(String complete) {
        Pattern ours = Pattern.compile(Pattern.quote(alias) + "-[0-9]+");
        List<String> left = new ArrayList<>();
        client.call("GET", "/" + alias + "-*/_mapping", Map.of(), null)
                .fieldNames()
                .forEachRemaining(left::add);
        for (String other : left) {
            if (ours.matcher(other).matches()
                    && !other.equals(complete)
                    && identity.corpusId().equals(kept(other).get("corpus"))) {
                client.call("DELETE", "/" + other, Map.of(), null);
            }
        }
    }

    @Override
    public OpenSearchIndex fresh() {
        String name = alias + "-" + System.currentTimeMillis();
        client.call("PUT", "/" + name, Map.of(), OpenSearchPassage.index(identity, shards));
        return new OpenSearchIndex(client, name, identity.language());
    }

    @Override
    public synchronized void install(FollowingIndex fresh) {
        OpenSearchIndex next = (OpenSearchIndex) fresh;
        next.show();
        String before = named();
        point(before, next.name());
        forget();
        index = next;
    }

    /** Has the alias name another index, at once; the one before goes. */
    private void point(String before, String now) {
        ObjectNode request = OpenSearchClient.object();
        ArrayNode actions = request.putArray("actions");
        if (before != null) {
            actions.addObject().putObject("remove").put("index", before).put("alias", alias);
        }
        actions.addObject().putObject("add").put("index", now).put("alias", alias);
        client.call("POST", "/_aliases", Map.of(), request);
        if (before != null) {
            client.call("DELETE", "/" + before, Map.of(), null);
        }
    }

    private void forget() {
        if (index != null) {
            index.close();
            index = null;
        }
    }

    @Override
    public String name() {
        return "index " + alias + " of OpenSearch at " + client.url();
    }

    @Override
    public synchronized void close() throws IOException {
        try (client;
                leadership;
                analyzer) {
            forget();
        }
    }
}
