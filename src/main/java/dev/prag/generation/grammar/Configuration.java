package dev.prag.generation.grammar;

import java.util.ArrayList;
import java.util.List;

/** All that may still be to write after a text: stacks that begin with a leaf, and the empty one if it is complete. */
final class Configuration {
    private static final Configuration NONE = new Configuration(List.of());

    private final Stack[] stacks;
    /** A number of tokens that is enough to complete the text. */
    final int cost;

    private Configuration(List<Stack> stacks) {
        this.stacks = stacks.toArray(Stack[]::new);
        cost = stacks.stream().mapToInt(stack -> stack.cost).min().orElse(Costs.ENDLESS);
    }

    /** Before the stack's first byte. */
    static Configuration of(Stack stack) {
        List<Stack> stacks = new ArrayList<>(2);
        add(stack, stacks);
        return new Configuration(stacks);
    }

    /** What a byte (0 to 255) makes of it; impossible if the byte can't come. */
    Configuration step(int unsignedByte) {
        if (stacks.length == 1) {
            return step(stacks[0], unsignedByte);
        }
        List<Stack> next = new ArrayList<>(stacks.length);
        for (Stack stack : stacks) {
            if (stack.top instanceof Leaf leaf) {
                Leaf after = leaf.step(unsignedByte);
                if (after != null) {
                    add(after == leaf ? stack : new Stack(after, stack.below), next);
                }
            }
        }
        return next.isEmpty() ? NONE : new Configuration(next);
    }

    private Configuration step(Stack stack, int unsignedByte) {
        if (!(stack.top instanceof Leaf leaf)) {
            return NONE;
        }
        Leaf after = leaf.step(unsignedByte);
        if (after == null) {
            return NONE;
        }
        return after == leaf && !leaf.accepting() ? this : of(new Stack(after, stack.below));
    }

    boolean impossible() {
        return stacks.length == 0;
    }

    /** Whether the text may end here. */
    boolean complete() {
        for (Stack stack : stacks) {
            if (stack.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Whether it can only end here. */
    boolean exhausted() {
        return stacks.length == 1 && stacks[0].isEmpty();
    }

    /** Its stacks that aren't empty. */
    List<Stack> stacks() {
        List<Stack> open = new ArrayList<>(stacks.length);
        for (Stack stack : stacks) {
            if (!stack.isEmpty()) {
                open.add(stack);
            }
        }
        return open;
    }

    private static void add(Stack stack, List<Stack> to) {
        switch (stack.top) {
            case null -> addNew(stack, to);
            case Frame.Expanding frame -> frame.expand(stack.below, expanded -> add(expanded, to));
            case Leaf leaf -> {
                if (leaf.accepting()) {
                    add(stack.below, to);
                }
                if (leaf.open()) {
                    addNew(stack, to);
                }
            }
        }
    }

    private static void addNew(Stack stack, List<Stack> to) {
        if (!to.contains(stack)) {
            to.add(stack);
        }
    }
}
