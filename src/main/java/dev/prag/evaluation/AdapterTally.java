package dev.prag.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.WithoutAdapter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How many of the passages that a method wanted adapters of had to do without. */
final class AdapterTally {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<WithoutAdapter, Integer> reasons = new EnumMap<>(WithoutAdapter.class);
    private int passages;

    /** Counts a passage; null where its adapter was in force. */
    void add(WithoutAdapter why) {
        passages++;
        if (why != null) {
            reasons.merge(why, 1, Integer::sum);
        }
    }

    int without() {
        return reasons.values().stream().mapToInt(Integer::intValue).sum();
    }

    ObjectNode toJson() {
        ObjectNode node = JSON.createObjectNode();
        node.put("passages", passages);
        node.put("without_adapter", without());
        ObjectNode why = node.putObject("reasons");
        reasons.forEach((reason, count) -> why.put(reason.code(), count));
        return node;
    }

    /** For people; where some were without. */
    String sentence() {
        String why = reasons.entrySet().stream()
                .map(reason -> reason.getValue() + " " + reason.getKey().code())
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%d of %d passages stood in the prompt for want of an adapter (%s)%s",
                without(),
                passages,
                why,
                without() == passages ? ", so this is no more than in-context" : "");
    }
}
