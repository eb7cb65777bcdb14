package dev.prag.bench;

import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * Text of made-up words whose frequencies follow Zipf's law: the word of rank k has probability ln(1 + 1/k) / ln(V + 1),
 * about 1/k but for a factor, in a vocabulary of V. A word is computed from its rank, so that a vocabulary of any size
 * needs no memory. The same seed gives the same text.
 */
final class MadeUpText {
    /** Different words in some millions of passages; half of all that is drawn comes from the first 1,414. */
    private static final int VOCABULARY = 2_000_000;

    private static final String CONSONANTS = "tnsrhldcmfpgwybvkxjz";
    private static final String VOWELS = "eaoiu";

    private static final HexFormat HEX = HexFormat.of();

    private final SplittableRandom random;

    MadeUpText(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Between {@code least} and {@code most} words, with spaces between them. */
    String words(int least, int most) {
        int count = random.nextInt(least, most + 1);
        StringBuilder text = new StringBuilder(count * 6);
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                text.append(' ');
            }
            append(text, rank());
        }
        return text.toString();
    }

    /** Like the ids of passages: a hash of 32 digits. */
    String id() {
        return HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong());
    }

    /** From 1 on. */
    private int rank() {
        return (int) Math.exp(random.nextDouble() * Math.log(VOCABULARY + 1.0));
    }

    /** The rank in bijective base 100, a syllable for each digit: frequent words are short, and no two are alike. */
    private static void append(StringBuilder text, int rank) {
        int syllables = CONSONANTS.length() * VOWELS.length();
        for (int rest = rank; rest > 0; rest = (rest - 1) / syllables) {
            int syllable = (rest - 1) % syllables;
            text.append(CONSONANTS.charAt(syllable / VOWELS.length()))
                    .append(VOWELS.charAt(syllable % VOWELS.length()));
        }
    }
}
