package dev.prag.generation.grammar;

import dev.prag.base.UserException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * Reads a regular expression as JSON Schema has them (ECMA-262, section 22.2, with the flag {@code u}) into an automaton
 * over code points. Assertions of the beginning and the end of the text read a marker each, which stand for surrogates, as
 * no text has these.
 */
final class PatternParser {
    static final int BEGIN = 0xD800;
    static final int END = 0xD801;

    /** States that an automaton may have on the way. */
    static final int MOST_STATES = 50_000;

    private static final int MOST_REPETITIONS = 1000;
    private static final int CODE_POINTS = 0x110000;
    private static final String SYNTAX = "^$\\.*+?()[]{}|/";

    /** Letters behind a backslash that stand for a control character, and these. */
    private static final String CONTROLS = "tnvfr0";

    private static final String CONTROLLED = "\t\n\u000B\f\r\0";
    private static final Pattern CATEGORY = Pattern.compile("[A-Z][a-z]?|(?:sc|Script)=[A-Za-z_]+");

    private static final Set<Integer> MARKS = types(
            Character.NON_SPACING_MARK,
            Character.COMBINING_SPACING_MARK,
            Character.ENCLOSING_MARK,
            Character.CONNECTOR_PUNCTUATION);
    private static final Set<Integer> BLANKS =
            types(Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR);

    private final String pattern;
    private final int[] text;
    private final BiFunction<String, String, UserException> wrong;
    private int at;

    /** @param wrong makes the error of a cause and a remedy */
    PatternParser(String pattern, BiFunction<String, String, UserException> wrong) {
        this.pattern = pattern;
        this.wrong = wrong;
        text = pattern.codePoints().toArray();
    }

    private static Set<Integer> types(byte... types) {
        Set<Integer> all = new HashSet<>();
        for (byte type : types) {
            all.add((int) type);
        }
        return all;
    }

    /** The whole pattern. */
    Automaton parse() {
        Automaton all = disjunction();
        if (at < text.length) {
            throw mistake("the ) at " + at + " closes nothing");
        }
        return all;
    }

    /** Characters that a text may have. */
    static BitSet characters() {
        BitSet all = new BitSet(CODE_POINTS);
        all.set(0, CODE_POINTS);
        all.clear(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1);
        return all;
    }

    /** Reads one of some code points. */
    static Automaton one(BitSet codePoints) {
        Automaton automaton = new Automaton();
        int from = automaton.createState();
        int to = automaton.createState();
        automaton.setAccept(to, true);
        for (int low = codePoints.nextSetBit(0); low >= 0; ) {
            int high = codePoints.nextClearBit(low) - 1;
            automaton.addTransition(from, to, low, high);
            low = codePoints.nextSetBit(high + 1);
        }
        automaton.finishState();
        return automaton;
    }

    /** Reads a code point, or a marker. */
    static Automaton one(int codePoint) {
        return Automata.makeChar(codePoint);
    }

    private Automaton disjunction() {
        List<Automaton> alternatives = new ArrayList<>();
        do {
            alternatives.add(alternative());
        } while (taken('|'));
        return alternatives.size() == 1 ? alternatives.getFirst() : bounded(Operations.union(alternatives));
    }

    private Automaton alternative() {
        List<Automaton> terms = new ArrayList<>();
        while (at < text.length && text[at] != '|' && text[at] != ')') {
            terms.add(term());
        }
        return terms.isEmpty() ? Automata.makeEmptyString() : bounded(Operations.concatenate(terms));
    }

    private Automaton term() {
        int c = text[at++];
        return switch (c) {
            case '^' -> one(BEGIN);
            case '$' -> one(END);
            case '(' -> quantified(group());
            case '[' -> quantified(one(characterClass()));
            case '.' -> {
                BitSet most = characters();
                "\n\r\u2028\u2029".chars().forEach(most::clear);
                yield quantified(one(most));
            }
            case '\\' -> quantified(one(escape(false, false)));
            case '*', '+', '?', '{', '}', ']' ->
                throw mistake("the " + (char) c + " at " + (at - 1)
                        + " stands alone; a backslash before it makes it a character");
            default -> quantified(one(only(c)));
        };
    }

    private Automaton group() {
        if (taken('?')) {
            if (taken('<') && at < text.length && text[at] != '=' && text[at] != '!') {
                while (!taken('>')) {
                    next();
                }
            } else if (!taken(':')) {
                throw unsupported("looks ahead or behind");
            }
        }
        Automaton within = disjunction();
        if (!taken(')')) {
            throw mistake("a ( is never closed");
        }
        return within;
    }

    private Automaton quantified(Automaton atom) {
        if (at == text.length) {
            return atom;
        }
        int least;
        int most;
        switch (text[at]) {
            case '*' -> {
                least = 0;
                most = -1;
                at++;
            }
            case '+' -> {
                least = 1;
                most = -1;
                at++;
            }
            case '?' -> {
                least = 0;
                most = 1;
                at++;
            }
            case '{' -> {
                at++;
                least = count();
                most = least;
                if (taken(',')) {
                    most = at < text.length && text[at] == '}' ? -1 : count();
                }
                if (!taken('}') || most >= 0 && most < least) {
                    throw mistake("the repetition that ends at " + at + " is none; give {n}, {n,} or {n,m}");
                }
            }
            default -> {
                return atom;
            }
        }
        // Which of the matches is taken first makes no difference to what matches.
        taken('?');
        if ((long) atom.getNumStates() * Math.max(least, most) > MOST_STATES) {
            throw large();
        }
        return bounded(most < 0 ? Operations.repeat(atom, least) : Operations.repeat(atom, least, most));
    }

    private int count() {
        int number = 0;
        int from = at;
        while (at < text.length && text[at] >= '0' && text[at] <= '9' && number <= MOST_REPETITIONS) {
            number = 10 * number + text[at++] - '0';
        }
        if (at == from) {
            throw mistake("the repetition at " + from + " has no number");
        }
        if (number > MOST_REPETITIONS) {
            throw unsupported("repeats something more than " + MOST_REPETITIONS + " times");
        }
        return number;
    }

    private BitSet characterClass() {
        boolean negated = taken('^');
        BitSet in = new BitSet(CODE_POINTS);
        while (!taken(']')) {
            BitSet first = classAtom(negated);
            if (at + 1 < text.length && text[at] == '-' && text[at + 1] != ']' && first.cardinality() == 1) {
                at++;
                int low = first.nextSetBit(0);
                BitSet last = classAtom(negated);
                int high = last.nextSetBit(0);
                if (last.cardinality() != 1 || high < low) {
                    throw mistake("the range that ends at " + at + " is out of order");
                }
                in.set(low, high + 1);
            } else {
                in.or(first);
            }
        }
        BitSet all = characters();
        if (negated) {
            all.andNot(in);
        } else {
            all.and(in);
        }
        return all;
    }

    private BitSet classAtom(boolean excluded) {
        int c = next();
        return c == '\\' ? escape(true, excluded) : only(c);
    }

    /**
     * What stands behind a backslash.
     *
     * @param excluded whether the characters of the class are those that don't match
     */
    private BitSet escape(boolean inClass, boolean excluded) {
        int c = next();
        if (CONTROLS.indexOf(c) >= 0) {
            return only(CONTROLLED.charAt(CONTROLS.indexOf(c)));
        }
        return switch (c) {
            case 'd', 'D' -> set(PatternParser::isDigit, c == 'D', excluded);
            case 'w', 'W' -> set(PatternParser::isWord, c == 'W', excluded);
            case 's', 'S' -> set(PatternParser::isSpace, c == 'S', excluded);
            case 'p' -> property(false);
            case 'P' -> property(true);
            case 'x' -> only(hex(2));
            case 'u' -> only(unicode());
            case 'c' -> only(next() % 32);
            case 'b' -> {
                if (!inClass) {
                    throw unsupported("asks for a word's boundary");
                }
                yield only('\b');
            }
            case '-' -> only('-');
            default -> {
                if (SYNTAX.indexOf(c) < 0) {
                    throw unsupported("has \\" + Character.toString(c));
                }
                yield only(c);
            }
        };
    }

    private interface Members {
        boolean has(int codePoint);
    }

    /**
     * Digits, letters or blanks. Whether those beyond ASCII are among them differs from validator to validator, so what
     * is in either way matches, and so does what is out either way.
     */
    private static BitSet set(Members members, boolean others, boolean excluded) {
        return set(members, others, others == excluded ? 0x80 : CODE_POINTS);
    }

    /** @param end from here on none is one */
    private static BitSet set(Members members, boolean others, int end) {
        BitSet in = new BitSet(CODE_POINTS);
        for (int c = 0; c < end; c++) {
            in.set(c, members.has(c));
        }
        if (!others) {
            return in;
        }
        BitSet all = characters();
        all.andNot(in);
        return all;
    }

    private static boolean isDigit(int c) {
        return Character.isDigit(c);
    }

    private static boolean isWord(int c) {
        return c == '_' || Character.isLetterOrDigit(c) || MARKS.contains(Character.getType(c));
    }

    private static boolean isSpace(int c) {
        return c >= '\t' && c <= '\r' || c == 0xFEFF || BLANKS.contains(Character.getType(c));
    }

    /** A general category by its short name, or a script. */
    private BitSet property(boolean others) {
        StringBuilder name = new StringBuilder();
        if (!taken('{')) {
            throw mistake("\\p at " + at + " names nothing");
        }
        while (!taken('}')) {
            name.appendCodePoint(next());
        }
        try {
            if (CATEGORY.matcher(name).matches()) {
                Pattern known = Pattern.compile("\\p{" + name.toString().replace("Script=", "sc=") + "}");
                return set(c -> known.matcher(Character.toString(c)).matches(), others, CODE_POINTS);
            }
        } catch (PatternSyntaxException e) {
            throw unsupported("asks for the property " + name);
        }
        throw unsupported("asks for the property " + name);
    }

    private int unicode() {
        if (!taken('{')) {
            int first = hex(4);
            if (!Character.isHighSurrogate((char) first) || !taken('\\') || !taken('u')) {
                return first;
            }
            int second = hex(4);
            return Character.isLowSurrogate((char) second) ? Character.toCodePoint((char) first, (char) second) : first;
        }
        int c = 0;
        while (!taken('}')) {
            c = 16 * c + hexDigit();
            if (c >= CODE_POINTS) {
                throw mistake("the character at " + at + " is none");
            }
        }
        return c;
    }

    private int hex(int digits) {
        int c = 0;
        for (int i = 0; i < digits; i++) {
            c = 16 * c + hexDigit();
        }
        return c;
    }

    private int hexDigit() {
        int digit = Character.digit(next(), 16);
        if (digit < 0) {
            throw mistake("at " + (at - 1) + " a hexadecimal digit is missing");
        }
        return digit;
    }

    private BitSet only(int c) {
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            throw mistake("before " + at + " half of a surrogate pair stands alone");
        }
        BitSet in = new BitSet(CODE_POINTS);
        in.set(c);
        return in;
    }

    private int next() {
        if (at == text.length) {
            throw mistake("it ends too early");
        }
        return text[at++];
    }

    private boolean taken(int c) {
        if (at < text.length && text[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private Automaton bounded(Automaton automaton) {
        if (automaton.getNumStates() > MOST_STATES) {
            throw large();
        }
        return automaton;
    }

    private UserException large() {
        return wrong.apply("the pattern " + pattern + " repeats too much", "give smaller numbers of repetitions");
    }

    private UserException mistake(String what) {
        return wrong.apply("the pattern " + pattern + " is no regular expression: " + what, "mend it there");
    }

    private UserException unsupported(String what) {
        return wrong.apply(
                "the pattern " + pattern + " " + what + ", which is not supported",
                "say it with characters, classes, groups, |, *, +, ?, {n,m}, ^ and $");
    }
}
