package dev.prag.answering.words;

import java.util.ArrayList;
import java.util.List;

/**
 * A word that tokens make up.
 *
 * @param text without white space around it
 * @param from position of its first token
 * @param to position behind its last token
 * @param start where it begins in the text of all words
 */
public record Word(String text, int from, int to, int start) {
    /**
     * Merges tokens into words: a word begins where white space stands, and so does each token of a script that is written
     * without it.
     *
     * @param pieces texts of the tokens; one that has none belongs to the word before it
     * @param position of the first token
     */
    public static List<Word> merge(List<String> pieces, int position) {
        List<Word> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        int from = position;
        int start = 0;
        int place = 0;
        boolean apart = false;
        for (int i = 0; i < pieces.size(); i++) {
            String piece = pieces.get(i);
            boolean begins = !piece.isEmpty()
                    && (apart || Character.isWhitespace(piece.codePointAt(0)) || standsAlone(piece.codePointAt(0)));
            if (begins && !word.isEmpty()) {
                add(words, word, from, position + i, start);
                from = position + i;
                start = place;
            }
            word.append(piece);
            place += piece.length();
            if (!piece.isEmpty()) {
                apart = Character.isWhitespace(piece.codePointBefore(piece.length()));
            }
        }
        add(words, word, from, position + pieces.size(), start);
        return words;
    }

    private static void add(List<Word> words, StringBuilder word, int from, int to, int start) {
        String text = word.toString();
        int blank = text.length() - text.stripLeading().length();
        if (to > from) {
            words.add(new Word(text.strip(), from, to, start + blank));
        }
        word.setLength(0);
    }

    private static boolean standsAlone(int character) {
        return switch (Character.UnicodeScript.of(character)) {
            case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> true;
            default -> false;
        };
    }

    /** Where it ends in the text of all words. */
    public int end() {
        return start + text.length();
    }

    /** Without what isn't a letter or a digit at its ends; empty where nothing else is in it. */
    public String bare() {
        int[] characters = text.codePoints().toArray();
        int begin = 0;
        int end = characters.length;
        while (begin < end && !Character.isLetterOrDigit(characters[begin])) {
            begin++;
        }
        while (end > begin && !Character.isLetterOrDigit(characters[end - 1])) {
            end--;
        }
        return new String(characters, begin, end - begin);
    }
}
