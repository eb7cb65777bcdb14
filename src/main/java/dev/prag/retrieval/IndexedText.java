package dev.prag.retrieval;

import com.ibm.icu.text.Normalizer2;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Text as it is analysed, so that what reads the same is the same: Unicode's NFKC_Casefold, which composes letters,
 * drops what can't be seen (soft hyphens, zero-width characters, marks of direction), resolves ligatures and wide
 * letters, and folds case. An underscore joins what people write together, apart or with a hyphen: the analyzer indexes
 * its parts and the whole.
 */
final class IndexedText {
    private static final Normalizer2 FOLDED = Normalizer2.getNFKCCasefoldInstance();

    /** Apostrophes of all kinds, and what is typed in their place. */
    private static final Pattern APOSTROPHE =
            Pattern.compile("[\u2018\u2019\u201B\u2032\u02B9\u02BB\u02BC\uFF07`\u00B4]");
    /** Raised and lowered characters (Torsby², CO₂, Mᵐᵉ, Brand™), which become plain ones, where they touch others. */
    private static final String RAISED = "[\\p{No}\u2122\u2120\u00AA\u00BA\u02B0-\u02B8\u1D2C-\u1D6A\u1D78\u1D9B-\u1DBF"
            + "\u2071\u207F\u2090-\u209C]";

    private static final Pattern RAISED_ONE = Pattern.compile(RAISED);

    private static final String WORD = "[\\p{L}\\p{M}\\p{Nd}]";
    private static final Pattern RAISED_BEGINS =
            Pattern.compile("(?<=" + WORD + ")(?<!" + RAISED + ")(?=" + RAISED + ")");
    private static final Pattern RAISED_ENDS = Pattern.compile("(?<=" + RAISED + ")(?=" + WORD + ")(?!" + RAISED + ")");
    /** A space that isn't broken at, between the thousands of a number. */
    private static final Pattern THOUSANDS =
            Pattern.compile("[\u00A0\u2007\u2009\u202F](?<=\\p{Nd}.)(?=\\p{Nd}{3}(?!\\p{Nd}))");
    /** A letter that only lengthens Arabic words on paper. */
    private static final String TATWEEL = "\u0640";

    private static final String SPACED =
            "[\\p{L}\\p{M}\\p{N}&&[^\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}\\p{IsHangul}]]";
    /** Within a word or at the end of a line; not in scripts that are indexed in pairs. What is rare is looked for first. */
    private static final Pattern HYPHEN =
            Pattern.compile("[-\u2010\u058A](?<=" + SPACED + ".)(?:[ \\t]*\\R[ \\t]*)?(?=" + SPACED + ")");

    private static final Pattern HANGUL = Pattern.compile("\\p{IsHangul}");
    /** Digits would be paired with the syllables beside them. */
    private static final Pattern HANGUL_AND_DIGIT =
            Pattern.compile("(?<=\\p{Nd})(?=\\p{IsHangul})|(?<=\\p{IsHangul})(?=\\p{Nd})");

    private IndexedText() {}

    /** The text as words are cut from it. */
    static String of(String text, Language language) {
        String folded;
        if (language == Language.TURKISH) {
            folded = folded(text.replace("I\u0307", "i").replace('İ', 'i').replace('I', 'ı'));
        } else if (isAscii(text)) {
            folded = text.replace('`', '\'').toLowerCase(Locale.ROOT);
        } else {
            folded = folded(text);
        }
        return HYPHEN.matcher(folded).replaceAll("_");
    }

    private static String folded(String text) {
        String plain = APOSTROPHE.matcher(text).replaceAll("'");
        if (RAISED_ONE.matcher(plain).find()) {
            plain = RAISED_BEGINS.matcher(plain).replaceAll("_");
            plain = RAISED_ENDS.matcher(plain).replaceAll("_");
        }
        plain = THOUSANDS.matcher(plain).replaceAll("_");
        String folded = FOLDED.normalize(plain.replace(TATWEEL, ""));
        return HANGUL.matcher(folded).find() ? HANGUL_AND_DIGIT.matcher(folded).replaceAll(" ") : folded;
    }

    /** Whether there is nothing but ASCII in it. */
    static boolean isAscii(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
