package dev.prag.generation.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Builds deterministic automata, and settles what their states cost. */
final class Automata {
    private Automata() {}

    /** What a byte makes of a condition; null where it can't come. */
    interface Step<S> {
        S after(S condition, int unsignedByte);
    }

    /** An automaton that reads one of the texts. The cost of its states is in tokens of that vocabulary. */
    static State literals(Collection<byte[]> texts, TokenTrie trie) {
        TreeSet<byte[]> sorted = new TreeSet<>(Arrays::compareUnsigned);
        sorted.addAll(texts);
        List<State> states = new ArrayList<>();
        State start = grow(List.copyOf(sorted), 0, states);
        // A state is noted after those that follow it.
        states.forEach(state -> settleByTokens(state, trie));
        return start;
    }

    private static State grow(List<byte[]> sorted, int depth, List<State> states) {
        State state = new State(sorted.getFirst().length == depth, false);
        int from = sorted.getFirst().length == depth ? 1 : 0;
        while (from < sorted.size()) {
            byte label = sorted.get(from)[depth];
            int to = from;
            while (to < sorted.size() && sorted.get(to)[depth] == label) {
                to++;
            }
            state.put(label & 0xFF, grow(sorted.subList(from, to), depth + 1, states));
            from = to;
        }
        states.add(state);
        return state;
    }

    /** One more than the cheapest state that a token leads to. */
    private static void settleByTokens(State from, TokenTrie trie) {
        State[] path = new State[trie.deepest + 1];
        path[0] = from;
        for (int node = 0; node < trie.nodes; ) {
            State to = path[trie.depth[node] - 1].step(trie.label[node] & 0xFF);
            if (to == null) {
                node = trie.end[node];
                continue;
            }
            path[trie.depth[node]] = to;
            if (trie.hasTokens(node)) {
                from.enough(Costs.sum(1, to.cost()));
            }
            node++;
        }
    }

    /**
     * An automaton from the conditions that bytes lead to, without those from which no end can be reached; empty if the
     * first one is such. The cost of its states is in bytes.
     */
    static <S> Optional<State> explore(S start, Step<S> step, Predicate<S> accepts, boolean common) {
        Map<S, Map<Integer, S>> edges = new HashMap<>();
        Map<S, Set<S>> before = new HashMap<>();
        ArrayDeque<S> queue = new ArrayDeque<>(List.of(start));
        edges.put(start, new HashMap<>());
        while (!queue.isEmpty()) {
            S condition = queue.remove();
            for (int b = 0; b < 256; b++) {
                S next = step.after(condition, b);
                if (next != null) {
                    edges.get(condition).put(b, next);
                    before.computeIfAbsent(next, s -> new HashSet<>()).add(condition);
                    if (edges.putIfAbsent(next, new HashMap<>()) == null) {
                        queue.add(next);
                    }
                }
            }
        }
        // From the ends backwards, so that each is met first over the fewest bytes.
        Map<S, State> states = new HashMap<>();
        edges.keySet().stream().filter(accepts).forEach(s -> {
            states.put(s, new State(true, common));
            queue.add(s);
        });
        while (!queue.isEmpty()) {
            S after = queue.remove();
            for (S condition : before.getOrDefault(after, Set.of())) {
                if (!states.containsKey(condition)) {
                    State state = new State(false, common);
                    state.enough(Costs.sum(1, states.get(after).cost()));
                    states.put(condition, state);
                    queue.add(condition);
                }
            }
        }
        states.forEach((condition, state) -> edges.get(condition).forEach((b, next) -> {
            if (states.containsKey(next)) {
                state.put(b, states.get(next));
            }
        }));
        return Optional.ofNullable(states.get(start));
    }
}
