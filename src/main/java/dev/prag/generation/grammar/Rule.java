package dev.prag.generation.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A choice of alternatives, each a row of frames. Rules may hold themselves. */
final class Rule implements Frame.Expanding {
    private final List<List<Frame>> alternatives = new ArrayList<>();
    private int cost = Costs.ENDLESS;

    /** Adds an alternative; before anything is matched. */
    void add(Frame... frames) {
        alternatives.add(List.of(frames));
    }

    /** Brings the cost up to date with that of the frames, and says whether it has changed. */
    boolean settle() {
        int before = cost;
        for (List<Frame> alternative : alternatives) {
            int sum = 0;
            for (Frame frame : alternative) {
                sum = Costs.sum(sum, frame.cost());
            }
            cost = Math.min(cost, sum);
        }
        return cost != before;
    }

    /** Rules that may take its place before a byte was read. */
    List<Rule> first() {
        List<Rule> rules = new ArrayList<>();
        for (List<Frame> alternative : alternatives) {
            if (alternative.getFirst() instanceof Rule rule) {
                rules.add(rule);
            }
        }
        return rules;
    }

    @Override
    public int cost() {
        return cost;
    }

    @Override
    public void expand(Stack below, Consumer<Stack> to) {
        for (List<Frame> alternative : alternatives) {
            Stack stack = below;
            for (Frame frame : alternative.reversed()) {
                stack = new Stack(frame, stack);
            }
            to.accept(stack);
        }
    }
}
