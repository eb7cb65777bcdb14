package dev.prag.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.Answer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an evaluation found: for each method a {@link Tally} in total and by type of question, how often retrieval
 * found the documents that hold the answer, and how many passages had no adapter: a method that lacks them all does no
 * better than in-context.
 */
public final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOTAL = "total";

    private final Map<String, Map<String, Tally>> methods = new LinkedHashMap<>();
    /** Of the methods that ask for adapters. */
    private final Map<String, AdapterTally> adapters = new LinkedHashMap<>();

    private int asked;
    private int anyFound;
    private int allFound;
    private final int topK;

    Report(int topK) {
        this.topK = topK;
    }

    void add(String method, String type, Score score, double seconds) {
        Map<String, Tally> tallies = methods.computeIfAbsent(method, name -> new TreeMap<>());
        tallies.computeIfAbsent(TOTAL, name -> new Tally()).add(score, seconds);
        if (!type.equals(TOTAL)) {
            tallies.computeIfAbsent(type, name -> new Tally()).add(score, seconds);
        }
    }

    void addPassages(String method, List<Answer.Used> passages) {
        for (Answer.Used passage : passages) {
            if (passage.weight() != null || passage.withoutAdapter() != null) {
                adapters.computeIfAbsent(method, name -> new AdapterTally()).add(passage.withoutAdapter());
            }
        }
    }

    void addRetrieval(boolean any, boolean all) {
        asked++;
        anyFound += any ? 1 : 0;
        allFound += all ? 1 : 0;
    }

    /** Tallies of a method by type; {@code total} is all of them. */
    public Map<String, Tally> of(String method) {
        return methods.getOrDefault(method, Map.of());
    }

    /** The report as JSON: methods by name, types by name; adapters by method; retrieval. */
    public ObjectNode toJson() {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode byMethod = root.putObject("methods");
        methods.forEach((method, tallies) -> {
            ObjectNode byType = byMethod.putObject(method);
            put(byType, TOTAL, tallies.get(TOTAL));
            tallies.forEach((type, tally) -> {
                if (!type.equals(TOTAL)) {
                    put(byType, type, tally);
                }
            });
        });
        ObjectNode byAdapters = root.putObject("adapters");
        adapters.forEach((method, tally) -> byAdapters.set(method, tally.toJson()));
        ObjectNode retrieval = root.putObject("retrieval");
        retrieval.put("n", asked);
        retrieval.put("top_k", topK);
        retrieval.put("hit_rate", rate(anyFound));
        retrieval.put("all_gold_rate", rate(allFound));
        return root;
    }

    private static void put(ObjectNode parent, String type, Tally tally) {
        ObjectNode node = parent.putObject(type);
        node.put("n", tally.n());
        node.put("em", tally.em());
        node.put("f1", tally.f1());
        node.put("precision", tally.precision());
        node.put("recall", tally.recall());
        node.put("seconds", tally.seconds());
    }

    /** F1 by method and type, with exact match and time in total, as a table for people. */
    public String toTable() {
        SortedSet<String> types = new TreeSet<>();
        methods.values().forEach(tallies -> types.addAll(tallies.keySet()));
        types.remove(TOTAL);
        StringBuilder table = new StringBuilder();
        table.append(String.format(Locale.ROOT, "%-14s", "F1"));
        for (String type : types) {
            table.append(String.format(Locale.ROOT, "%16s", label(type)));
        }
        table.append(String.format(Locale.ROOT, "%12s%8s%12s%n", "total", "EM", "s/question"));
        methods.forEach((method, tallies) -> {
            table.append(String.format(Locale.ROOT, "%-14s", method));
            for (String type : types) {
                Tally tally = tallies.get(type);
                table.append(
                        tally == null ? String.format("%16s", "") : String.format(Locale.ROOT, "%16.3f", tally.f1()));
            }
            Tally total = tallies.get(TOTAL);
            table.append(String.format(Locale.ROOT, "%12.3f%8.3f%12.3f%n", total.f1(), total.em(), total.seconds()));
        });
        adapters.forEach((method, tally) -> {
            if (tally.without() > 0) {
                table.append(String.format(Locale.ROOT, "%s: %s%n", method, tally.sentence()));
            }
        });
        if (asked > 0) {
            table.append(String.format(
                    Locale.ROOT,
                    "retrieval: top %d holds a gold document for %.1f%% of %d questions, all of them for %.1f%%%n",
                    topK,
                    100 * rate(anyFound),
                    asked,
                    100 * rate(allFound)));
        }
        return table.toString();
    }

    private String label(String type) {
        int n = methods.values().stream()
                .map(tallies -> tallies.get(type))
                .filter(tally -> tally != null)
                .mapToInt(Tally::n)
                .max()
                .orElse(0);
        return type + " (" + n + ")";
    }

    private double rate(int found) {
        return asked == 0 ? 0 : (double) found / asked;
    }
}
