package dev.prag.reproduction.table;

import dev.prag.reproduction.Twin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The paper's words for sets, types, methods and variants, in its order. */
final class Names {
    static final String TOTAL = "total";
    static final String PARAMETRIC = "parametric";
    /** What speed-ups are against. */
    static final String BASELINE = "in-context";

    private static final Map<String, String> SETS = ordered(
            "2wiki", "2WikiMultihopQA",
            "hotpotqa", "HotpotQA",
            "popqa", "PopQA",
            "cwq", "CWQ");

    /** As the paper shortens them. */
    private static final Map<String, String> SHORT =
            Map.of("2wiki", "2WQA", "hotpotqa", "HQA", "popqa", "PQA", "cwq", "CWQ");

    /** Sets without have none in the paper. */
    private static final Map<String, Map<String, String>> TYPES = Map.of(
            "2wiki",
            ordered(
                    "comparison", "Compare",
                    "bridge_comparison", "Bridge",
                    "inference", "Inference",
                    "compositional", "Compose"),
            "hotpotqa",
            ordered("bridge", "Bridge", "comparison", "Compare"));

    private static final Map<String, String> METHODS = ordered(
            BASELINE,
            "Standard RAG",
            "doc-augmented",
            "DA-RAG",
            "flare-sentence",
            "FLARE",
            "dragin",
            "DRAGIN",
            PARAMETRIC,
            "P-RAG",
            "combined",
            "Combine Both");

    private static final Map<String, String> INITIALISATIONS = ordered("random", "Rand.", "warm", "Warm.");

    private static final Map<String, String> AUGMENTATIONS = ordered(
            "both", "both",
            "no-pairs", "without QA",
            "no-rewrites", "without rewriting",
            "neither", "without both");

    private Names() {}

    private static Map<String, String> ordered(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static Map<String, String> lines(Twin twin) {
        return switch (twin) {
            case TABLE1, TABLE4 -> METHODS;
            case TABLE2 -> INITIALISATIONS;
            case TABLE3 -> Map.of();
            case FIGURE3 -> AUGMENTATIONS;
        };
    }

    static String title(Twin twin) {
        return switch (twin) {
            case TABLE1 -> "Table 1: all methods";
            case TABLE2 -> "Table 2: adapters that begin at random, and with a warm-up";
            case TABLE3 -> "Table 3: augmentations by other models";
            case TABLE4 -> "Table 4: seconds a question";
            case FIGURE3 -> "Figure 3: augmentations without rewriting, without QA, and without both";
        };
    }

    static boolean isPapers(String set) {
        return SETS.containsKey(set);
    }

    static String set(String set) {
        return SETS.getOrDefault(set, set);
    }

    /** Where there is little room. */
    static String shortSet(String set) {
        return SHORT.getOrDefault(set, set);
    }

    /** Types that the paper reports of a set. */
    static List<String> types(String set) {
        return List.copyOf(TYPES.getOrDefault(set, Map.of()).keySet());
    }

    static String part(String set, String part) {
        return part.equals(TOTAL) ? "Total" : TYPES.getOrDefault(set, Map.of()).getOrDefault(part, part);
    }

    static String line(Twin twin, String line) {
        return lines(twin).getOrDefault(line, line);
    }

    /** The paper's sets in its order, then the others in theirs. */
    static List<String> inOrderOfSets(List<String> sets) {
        return inOrder(SETS.keySet(), sets);
    }

    /** The paper's rows in its order, then the others in theirs. */
    static List<String> inOrderOfLines(Twin twin, List<String> lines) {
        return inOrder(lines(twin).keySet(), lines);
    }

    private static List<String> inOrder(Iterable<String> first, List<String> values) {
        List<String> order = new ArrayList<>();
        first.forEach(value -> {
            if (values.contains(value)) {
                order.add(value);
            }
        });
        values.stream().filter(value -> !order.contains(value)).forEach(order::add);
        return order;
    }
}
