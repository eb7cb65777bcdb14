package dev.prag.generation.grammar;

import dev.prag.base.UserException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;
import org.apache.lucene.util.automaton.Transition;
import org.apache.lucene.util.automaton.UTF32ToUTF8;

/**
 * Strings in which regular expressions are found, as JSON writes them, quotes included: control characters, quotes and
 * backslashes escaped in the shortest way, all others as they are.
 */
final class PatternString {
    /** Characters that may be counted beside a pattern. */
    private static final int MOST_COUNTED = 2000;

    /** Bounds the time of making an automaton deterministic: a second or two. */
    private static final int WORK = 200_000;

    /** Pairs of states of two automata, of which their intersection has some. */
    private static final int MOST_PAIRS = 1_000_000;

    private static final int FIRST_UNESCAPED = 0x20;

    private static final int[][] UNESCAPED = {
        {FIRST_UNESCAPED, '"' - 1},
        {'"' + 1, '\\' - 1},
        {'\\' + 1, Character.MIN_SURROGATE - 1},
        {Character.MAX_SURROGATE + 1, Character.MAX_CODE_POINT}
    };

    private static final String ESCAPED = "\"\\\b\f\n\r\t";
    private static final String ESCAPED_AS = "\"\\bfnrt";

    /**
     * What was read.
     *
     * @param state of the automaton over bytes, which takes more than whole characters
     * @param place in a string
     */
    private record Read(int state, StringLeaf place) {
        Read after(int b, Automaton bytes) {
            int next = bytes.step(state, b);
            StringLeaf there = next < 0 ? null : place.step(b);
            return there == null ? null : new Read(next, there);
        }
    }

    private final BiFunction<String, String, UserException> wrong;

    /** @param wrong makes the error of a cause and a remedy */
    PatternString(BiFunction<String, String, UserException> wrong) {
        this.wrong = wrong;
    }

    /**
     * The automaton of strings in which each of the patterns is found.
     *
     * @param least characters
     * @param most characters, or {@link StringLeaf#UNBOUNDED}
     * @return empty if there is no such string
     */
    Optional<State> automaton(List<String> patterns, int least, int most) {
        try {
            MarkedTexts texts = marked(0, StringLeaf.UNBOUNDED);
            for (String pattern : patterns) {
                texts = both(texts, found(pattern), patterns);
            }
            if (!texts.haveAll(least, most)) {
                if (least > MOST_COUNTED || most != StringLeaf.UNBOUNDED && most > MOST_COUNTED) {
                    throw wrong.apply(
                            "minLength and maxLength go up to " + MOST_COUNTED + " beside this pattern or format",
                            "leave them out, or repeat in the pattern");
                }
                texts = both(texts, marked(least, most).automaton(), patterns);
            }
            Automaton quoted = quoted(texts);
            Automaton bytes = Operations.determinize(new UTF32ToUTF8().convert(quoted), WORK);
            if (bytes.getNumStates() > PatternParser.MOST_STATES) {
                throw large(patterns);
            }
            return Automata.explore(
                    new Read(0, StringLeaf.start(0, StringLeaf.UNBOUNDED)),
                    (read, b) -> read.after(b, bytes),
                    read -> bytes.isAccept(read.state),
                    false);
        } catch (TooComplexToDeterminizeException e) {
            throw large(patterns);
        }
    }

    private MarkedTexts both(MarkedTexts texts, Automaton others, List<String> patterns) {
        if ((long) texts.automaton().getNumStates() * others.getNumStates() > MOST_PAIRS) {
            throw large(patterns);
        }
        return new MarkedTexts(Operations.determinize(Operations.intersection(texts.automaton(), others), WORK));
    }

    private UserException large(List<String> patterns) {
        return wrong.apply(
                "what matches " + String.join(" and ", patterns) + " takes too much to tell",
                "begin the pattern with ^ and end it with $, give smaller numbers, or leave the lengths out");
    }

    private static MarkedTexts marked(int least, int most) {
        Automaton one = PatternParser.one(PatternParser.characters());
        Automaton characters =
                most == StringLeaf.UNBOUNDED ? Operations.repeat(one, least) : Operations.repeat(one, least, most);
        return new MarkedTexts(Operations.determinize(
                Operations.concatenate(List.of(
                        Operations.repeat(PatternParser.one(PatternParser.BEGIN), 1),
                        characters,
                        Operations.repeat(PatternParser.one(PatternParser.END), 1))),
                WORK));
    }

    /** Texts with markers in which the pattern is found somewhere. */
    private Automaton found(String pattern) {
        BitSet with = PatternParser.characters();
        with.set(PatternParser.BEGIN, PatternParser.END + 1);
        Automaton anything = Operations.repeat(PatternParser.one(with));
        Automaton parsed = new PatternParser(pattern, wrong).parse();
        return Operations.determinize(Operations.concatenate(List.of(anything, parsed, anything)), WORK);
    }

    /** The same texts without their markers, as strings of JSON. */
    private static Automaton quoted(MarkedTexts texts) {
        Automaton.Builder builder = new Automaton.Builder();
        int states = texts.automaton().getNumStates();
        int start = builder.createState();
        for (int state = 0; state < states; state++) {
            builder.createState();
        }
        int end = builder.createState();
        builder.setAccept(end, true);
        for (int state = 0; state < states; state++) {
            copy(builder, texts.automaton(), state);
            if (texts.ends(state)) {
                builder.addTransition(1 + state, end, '"');
            }
        }
        texts.begun().stream().forEach(state -> builder.addTransition(start, 1 + state, '"'));
        return builder.finish();
    }

    private static void copy(Automaton.Builder builder, Automaton marked, int state) {
        int from = 1 + state;
        Transition transition = new Transition();
        int count = marked.initTransition(state, transition);
        for (int i = 0; i < count; i++) {
            marked.getNextTransition(transition);
            int to = 1 + transition.dest;
            for (int c = transition.min; c <= Math.min(transition.max, '\\'); c++) {
                if (c < FIRST_UNESCAPED || ESCAPED.indexOf(c) >= 0) {
                    escape(builder, from, to, c);
                }
            }
            for (int[] range : UNESCAPED) {
                int low = Math.max(range[0], transition.min);
                int high = Math.min(range[1], transition.max);
                if (low <= high) {
                    builder.addTransition(from, to, low, high);
                }
            }
        }
    }

    private static void escape(Automaton.Builder builder, int from, int to, int c) {
        int known = ESCAPED.indexOf(c);
        String text = known >= 0 ? "\\" + ESCAPED_AS.charAt(known) : String.format("\\u%04x", c);
        int at = from;
        for (int i = 0; i < text.length() - 1; i++) {
            int next = builder.createState();
            builder.addTransition(at, next, text.charAt(i));
            at = next;
        }
        builder.addTransition(at, to, text.charAt(text.length() - 1));
    }
}
