package dev.prag.generation.grammar;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes the rules of objects: properties in the order of the schema, each at most once, and others behind them. */
record ObjectRules(Supplier<Rule> rules, Function<List<String>, Frame> literals, Punctuation marks) {
    /**
     * Adds an object to the alternatives of a rule.
     *
     * @param other the values of properties that aren't listed; null if there may be none
     */
    void add(Rule rule, Map<String, Frame> properties, Set<String> required, Frame other) {
        List<String> names = List.copyOf(properties.keySet());
        int count = names.size();
        // What may follow once the properties before the index are through, or left out.
        Rule[] next = new Rule[count + 1];
        Rule[] keys = new Rule[count + 1];
        for (int i = count; i >= 0; i--) {
            next[i] = rules.get();
            keys[i] = rules.get();
        }
        Frame otherKey = other == null ? null : KeyAutomaton.of(names);
        List<Frame> spelt = names.stream()
                .map(name -> literals.apply(List.of(TextNode.valueOf(name) + ":")))
                .toList();
        Frame colon = literals.apply(List.of(":"));
        for (int i = count; i >= 0; i--) {
            boolean more = false;
            for (int j = i; j < count; j++) {
                String name = names.get(j);
                keys[i].add(spelt.get(j), marks.space(), properties.get(name), next[j + 1]);
                more = true;
                if (required.contains(name)) {
                    break;
                }
            }
            boolean canClose = names.subList(i, count).stream().noneMatch(required::contains);
            if (canClose && other != null) {
                keys[i].add(otherKey, colon, marks.space(), other, next[count]);
                more = true;
            }
            if (more) {
                next[i].add(marks.comma(), marks.space(), keys[i]);
            }
            if (canClose) {
                next[i].add(marks.space(), marks.closeObject());
            }
        }
        Rule first = rules.get();
        if (count > 0 || other != null) {
            first.add(keys[0]);
        }
        if (required.isEmpty()) {
            first.add(marks.closeObject());
        }
        rule.add(marks.openObject(), marks.space(), first);
    }
}
