package dev.prag.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.evaluation.Bootstrap.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What an evaluation found: for each method a {@link Tally} in total and by type of question, how often retrieval
 * found the documents that hold the answer, and how many passages had no adapter: a method that lacks them all does no
 * better than in-context.
 */
public final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final String TOTAL = "total";
    static final String BASELINE = "in-context";
    /** Percent. */
    static final double P50 = 50;

    static final double P99 = 99;

    private final Map<String, Map<String, Tally>> methods = new LinkedHashMap<>();
    /** Of the methods that ask for adapters. */
    private final Map<String, AdapterTally> adapters = new LinkedHashMap<>();

    /** Of the methods that compose. */
    private final Map<String, ProbeTally> probes = new LinkedHashMap<>();

    private final RetrievalTally retrieval;

    /** In the order in which they were added. */
    private final List<EachAnswer> answers = new ArrayList<>();

    Report(int topK) {
        retrieval = new RetrievalTally(topK);
    }

    /** Adds a row's answer to a question. */
    void add(Row row, Question question, Outcome outcome) {
        add(row.name(), question.type(), outcome);
        answers.add(new EachAnswer(row, question, outcome));
    }

    void add(String method, String type, Outcome outcome) {
        Map<String, Tally> tallies = methods.computeIfAbsent(method, name -> new TreeMap<>());
        tallies.computeIfAbsent(TOTAL, name -> new Tally()).add(outcome);
        if (!type.equals(TOTAL)) {
            tallies.computeIfAbsent(type, name -> new Tally()).add(outcome);
        }
        outcome.adapters().forEach(why -> adapters.computeIfAbsent(method, name -> new AdapterTally())
                .add(why));
    }

    RetrievalTally retrieval() {
        return retrieval;
    }

    /** What compositions of that row do to log-probabilities. */
    ProbeTally probes(String row) {
        return probes.computeIfAbsent(row, name -> new ProbeTally());
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
        Tally baseline = baseline();
        if (baseline != null) {
            ObjectNode against = root.putObject("against_" + BASELINE);
            methods.forEach((method, tallies) -> {
                if (!method.equals(BASELINE)) {
                    List<Double> differences = differences(tallies.get(TOTAL), baseline);
                    ObjectNode node = against.putObject(method);
                    node.put("f1", tallies.get(TOTAL).f1() - baseline.f1());
                    node.set("f1_95", interval(Bootstrap.mean(differences)));
                }
            });
        }
        ObjectNode byProbes = root.putObject("compositions");
        probes.forEach((method, tally) -> {
            if (tally.n() > 0) {
                byProbes.set(method, tally.toJson());
            }
        });
        retrieval.addTo(root.putObject("retrieval"));
        return root;
    }

    /** As {@link #toJson}, and each answer of each row under {@code answers}, in the questions' order. */
    public ObjectNode toJsonWithEach() {
        ObjectNode root = toJson();
        EachAnswer.addTo(root.putArray("answers"), answers);
        return root;
    }

    static ArrayNode interval(Interval interval) {
        return JSON.createArrayNode().add(interval.low()).add(interval.high());
    }

    /** Plain RAG, which every other row is held against; null where it wasn't asked. */
    private Tally baseline() {
        Map<String, Tally> tallies = methods.get(BASELINE);
        return tallies == null ? null : tallies.get(TOTAL);
    }

    /** Of F1, question by question; both were asked the same ones. */
    static List<Double> differences(Tally row, Tally baseline) {
        return IntStream.range(0, Math.min(row.n(), baseline.n()))
                .mapToObj(i -> row.f1s().get(i) - baseline.f1s().get(i))
                .toList();
    }

    private static void put(ObjectNode parent, String type, Tally tally) {
        ObjectNode node = parent.putObject(type);
        node.put("n", tally.n());
        node.put("em", tally.em());
        node.put("f1", tally.f1());
        node.set("f1_95", interval(tally.f1Interval()));
        node.put("precision", tally.precision());
        node.put("recall", tally.recall());
        node.put("answer_presence", tally.present());
        tally.found().ifPresent(found -> node.put("retrieval_recall", found));
        node.put("rounds", tally.rounds());
        node.put("prompt_tokens", tally.promptTokens());
        node.put("tokens", tally.tokens());
        tally.confidence().ifPresent(confidence -> node.put("confidence", confidence));
        tally.calibrationError().ifPresent(error -> node.put("calibration_error", error));
        node.put("seconds", tally.seconds());
        node.put("seconds_p50", tally.seconds(P50));
        node.put("seconds_p99", tally.seconds(P99));
    }

    /** As a table for people. */
    public String toTable() {
        return new ReportTable(methods, adapters, probes, baseline()).toString() + retrieval;
    }
}
