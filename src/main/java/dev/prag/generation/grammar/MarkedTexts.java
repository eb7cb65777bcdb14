package dev.prag.generation.grammar;

import java.util.ArrayDeque;
import java.util.BitSet;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.Transition;

/**
 * Texts between markers of their beginning and their end ({@link PatternParser}): one or more of each, as a pattern may ask
 * for one twice.
 */
final class MarkedTexts {
    private final Automaton automaton;
    /** States behind the markers of the beginning. */
    private final BitSet begun;

    /** @param automaton deterministic */
    MarkedTexts(Automaton automaton) {
        this.automaton = Operations.removeDeadStates(automaton);
        begun = this.automaton.getNumStates() == 0 ? new BitSet() : behind(0, PatternParser.BEGIN);
    }

    Automaton automaton() {
        return automaton;
    }

    BitSet begun() {
        return begun;
    }

    /** Whether a text may end at a state. */
    boolean ends(int state) {
        return behind(state, PatternParser.END).stream().anyMatch(automaton::isAccept);
    }

    /** States that one or more of a marker lead to. */
    private BitSet behind(int state, int marker) {
        BitSet behind = new BitSet();
        for (int at = automaton.step(state, marker); at >= 0 && !behind.get(at); at = automaton.step(at, marker)) {
            behind.set(at);
        }
        return behind;
    }

    /** Whether each text has so many characters. */
    boolean haveAll(int least, int most) {
        return (least == 0 || shortest() >= least) && (most == StringLeaf.UNBOUNDED || longest() <= most);
    }

    private interface Edge {
        void to(int state);
    }

    /** Whatever a character leads to, once for each range of characters. */
    private void follow(int state, Edge edge) {
        Transition transition = new Transition();
        int count = automaton.initTransition(state, transition);
        for (int i = 0; i < count; i++) {
            automaton.getNextTransition(transition);
            if (transition.min < PatternParser.BEGIN || transition.max > PatternParser.END) {
                edge.to(transition.dest);
            }
        }
    }

    private int shortest() {
        int[] characters = new int[automaton.getNumStates()];
        ArrayDeque<Integer> queue = new ArrayDeque<>();
        BitSet seen = (BitSet) begun.clone();
        begun.stream().forEach(queue::add);
        while (!queue.isEmpty()) {
            int state = queue.remove();
            if (ends(state)) {
                return characters[state];
            }
            follow(state, next -> {
                if (!seen.get(next)) {
                    seen.set(next);
                    characters[next] = characters[state] + 1;
                    queue.add(next);
                }
            });
        }
        return 0;
    }

    /** {@link StringLeaf#UNBOUNDED} if there is no end to them. */
    private int longest() {
        int states = automaton.getNumStates();
        int[] before = new int[states];
        for (int state = 0; state < states; state++) {
            follow(state, next -> before[next]++);
        }
        ArrayDeque<Integer> ready = new ArrayDeque<>();
        for (int state = 0; state < states; state++) {
            if (before[state] == 0) {
                ready.add(state);
            }
        }
        int[] characters = new int[states];
        int longest = 0;
        int sorted = 0;
        for (; !ready.isEmpty(); sorted++) {
            int state = ready.remove();
            longest = Math.max(longest, characters[state]);
            follow(state, next -> {
                characters[next] = Math.max(characters[next], characters[state] + 1);
                if (--before[next] == 0) {
                    ready.add(next);
                }
            });
        }
        return sorted == states ? longest : StringLeaf.UNBOUNDED;
    }
}
