package dev.prag.generation.grammar;

/** A state of a deterministic automaton over bytes. Automata are built once and never changed then; states are what they are by identity. */
final class State implements Leaf {
    private static final State[] NONE = {};

    private final boolean accepting;
    private final boolean common;
    /** The lowest byte that may come, and the states after it and those above it. */
    private int lowest;

    private State[] next = NONE;
    private int cost;

    /** @param common whether the automaton is the same for every schema */
    State(boolean accepting, boolean common) {
        this.accepting = accepting;
        this.common = common;
        cost = accepting ? 0 : Costs.ENDLESS;
    }

    /** Lets a byte lead to a state; while the automaton is built. */
    void put(int unsignedByte, State to) {
        if (next.length == 0) {
            lowest = unsignedByte;
            next = new State[] {to};
            return;
        }
        int low = Math.min(lowest, unsignedByte);
        int high = Math.max(lowest + next.length - 1, unsignedByte);
        State[] wider = new State[high - low + 1];
        System.arraycopy(next, 0, wider, lowest - low, next.length);
        wider[unsignedByte - low] = to;
        lowest = low;
        next = wider;
    }

    /** Takes note that so many tokens are enough. */
    void enough(int tokens) {
        cost = Math.min(cost, tokens);
    }

    @Override
    public State step(int unsignedByte) {
        int at = unsignedByte - lowest;
        return at >= 0 && at < next.length ? next[at] : null;
    }

    @Override
    public boolean accepting() {
        return accepting;
    }

    @Override
    public boolean open() {
        return next.length > 0;
    }

    @Override
    public int cost() {
        return cost;
    }

    @Override
    public boolean common() {
        return common;
    }
}
