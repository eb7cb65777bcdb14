package dev.prag.generation.grammar;

/** What is still to be written, first things first. Immutable; stacks share what lies below. */
final class Stack {
    /** Nothing: the text is complete. */
    static final Stack EMPTY = new Stack();

    final Frame top;
    final Stack below;
    /** A number of tokens that is enough to write all of it. */
    final int cost;

    private final int hash;

    private Stack() {
        top = null;
        below = null;
        cost = 0;
        hash = 0;
    }

    Stack(Frame top, Stack below) {
        this.top = top;
        this.below = below;
        cost = Costs.sum(top.cost(), below.cost);
        hash = 31 * below.hash + top.hashCode();
    }

    boolean isEmpty() {
        return top == null;
    }

    /** Frame by frame, and without recursion: stacks may be deep. */
    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Stack that)) {
            return false;
        }
        Stack a = this;
        Stack b = that;
        while (a != b) {
            if (a.hash != b.hash || a.isEmpty() || b.isEmpty() || !a.top.equals(b.top)) {
                return false;
            }
            a = a.below;
            b = b.below;
        }
        return true;
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
