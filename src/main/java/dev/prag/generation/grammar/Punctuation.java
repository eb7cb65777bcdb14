package dev.prag.generation.grammar;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What stands between values.
 *
 * @param space white space where it may be: nothing, a blank, or a new line with blanks
 */
record Punctuation(Frame space, Frame comma, Frame openObject, Frame closeObject, Frame openArray, Frame closeArray) {
    /** Of a line in an indented text. */
    private static final int MOST_INDENTATION = 32;

    private static final int NOTHING = -1;
    private static final int SPACED = -2;

    private static final State SPACE =
            Automata.explore(NOTHING, Punctuation::space, i -> true, true).orElseThrow();

    static Punctuation of(TokenTrie trie) {
        return new Punctuation(
                SPACE,
                literal(",", trie),
                literal("{", trie),
                literal("}", trie),
                literal("[", trie),
                literal("]", trie));
    }

    /** Blanks of a line; where nothing came yet, a blank or a new line may. */
    private static Integer space(int condition, int b) {
        if (condition == NOTHING) {
            return b == ' ' ? Integer.valueOf(SPACED) : b == '\n' ? Integer.valueOf(0) : null;
        }
        return b == ' ' && condition >= 0 && condition < MOST_INDENTATION ? condition + 1 : null;
    }

    private static State literal(String text, TokenTrie trie) {
        return Automata.literals(List.of(text.getBytes(StandardCharsets.UTF_8)), trie);
    }
}
