package dev.prag.augmentation;

import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What counts as a passage in other words: takes off what models put around one, and says what is none. */
final class Rewrites {
    /** Letters and digits from which a passage is long enough for its rewrites to be measured by it: about 40 words. */
    private static final int LONG = 200;

    private static final double LEAST = 1.0 / 3;
    private static final double MOST = 3;
    /** Names and numbers from which a rewrite has to keep one. */
    private static final int ENOUGH_ANCHORS = 2;
    /** Of the words of a passage, what a rewrite holds at least that begins like a refusal. */
    private static final double LEAST_SHARED = 0.3;
    /** Of an instruction, what is too long to stand in a rewrite by chance. */
    private static final int ECHO = 24;

    private static final Pattern FENCE = Pattern.compile("\\A```\\w*\\s*\\n(.*?)\\n?```\\s*\\z", Pattern.DOTALL);
    /** A first line that ends in a colon and speaks of what follows. */
    private static final Pattern PREAMBLE = Pattern.compile(
            "\\A(?:sure|certainly|of course|okay|ok|absolutely|here(?:'s|’s| is| are)|below is|"
                    + "(?:the )?(?:rewritten|rephrased|paraphrased|revised|new) (?:passage|text|version)|"
                    + "natürlich|gerne|hier ist|voici|bien sûr|claro|aquí (?:está|tienes)|por supuesto|ecco|certo|"
                    + "aqui está|hier is|以下|当然|好的|こちら|다음은|конечно|вот)[^\\n]{0,160}?[:：][*_]*[ \\t]*\\n+",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    private static final Pattern LABEL = Pattern.compile(
            "\\A[*_#\\s]*(?:(?:here(?:'s|’s| is)|this is)\\s+(?:the|a|your)\\s+)?"
                    + "(?:rewritten|rephrased|paraphrased|revised|new)\\s+(?:passage|text|version)[*_]*\\s*:[*_]*\\s*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern PREAMBLE_ALONE = Pattern.compile(
            "\\A(?:sure|certainly|of course|okay|here(?:'s|’s| is)|below is)[^\\n]{0,160}[:：!.][*_]*\\z",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern REFUSAL = Pattern.compile(
            "\\A[\"'“*\\s]*(?:(?:i['’]m|i am|we['’]re|we are) (?:very |so |really )?(?:sorry|afraid|unable|not able)|sorry\\b|"
                    + "(?:unfortunately,? )?(?:i|we) (?:can['’]?t|cannot|can not|won['’]t|will not|am unable|must decline|"
                    + "don['’]t have)\\b|"
                    + "i (?:apologi[sz]e|must apologi[sz]e)|my apologies|as an? (?:ai|artificial|large|language)\\b|"
                    + "no,? i |es tut mir leid|tut mir leid|leider kann ich|ich kann |als ki\\b|als sprachmodell|"
                    + "(?:je suis )?désolée?|je ne peux|je suis désolée?|en tant qu['’](?:ia|intelligence)|"
                    + "lo siento|no puedo|como (?:una? )?(?:ia|inteligencia|modelo)|mi dispiace|non posso|"
                    + "in quanto (?:ia|modello)|desculpe|sinto muito|não posso|het spijt me|sorry,|ik kan |"
                    + "对不起|抱歉|很抱歉|我无法|我不能|作为(?:一个)?(?:ai|人工智能)|申し訳|すみません|죄송|"
                    + "извините|к сожалению|я не могу|как (?:ии|языковая))",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    private static final Pattern FIRST_PERSON = Pattern.compile(
            "\\b(?:I|my|me|we|our|ich|mir|mein\\w*|wir|je|moi|nous|yo|io|eu|ik|я|мне|мы)\\b|[我私]|저는|나는",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]{4,}");
    /** A number, or a capitalised word that doesn't begin a sentence. */
    private static final Pattern ANCHOR =
            Pattern.compile("\\p{N}+|(?<=[\\p{L}\\p{N},;] )(?:\\p{Lu}[\\p{L}’'-]+)", Pattern.UNICODE_CASE);

    private Rewrites() {}

    /** The rewrite within what a model wrote, without fences, quotes and words about it. */
    static String clean(String text, String passage) {
        String rest = text.strip();
        rest = FENCE.matcher(rest).replaceFirst("$1").strip();
        rest = withoutStart(PREAMBLE, rest, passage);
        rest = withoutStart(LABEL, rest, passage);
        rest = FENCE.matcher(rest).replaceFirst("$1").strip();
        return quoted(rest) && !quoted(passage.strip())
                ? rest.substring(1, rest.length() - 1).strip()
                : rest;
    }

    /** Where something follows; and a passage that begins so itself keeps its beginning. */
    private static String withoutStart(Pattern start, String text, String passage) {
        Matcher matcher = start.matcher(text);
        boolean taken = matcher.lookingAt()
                && matcher.end() < text.length()
                && !start.matcher(passage.strip()).lookingAt();
        return taken ? text.substring(matcher.end()).strip() : text;
    }

    private static boolean quoted(String text) {
        if (text.length() < 3) {
            return false;
        }
        char first = text.charAt(0);
        char last = text.charAt(text.length() - 1);
        boolean pair = first == '"' && last == '"' || first == '“' && last == '”' || first == '«' && last == '»';
        String inside = text.substring(1, text.length() - 1);
        return pair && inside.indexOf(first) < 0 && inside.indexOf(last) < 0;
    }

    /**
     * Why a text is not the passage in other words, for people; empty if it may well be.
     *
     * @param rewrite as {@link #clean} gives it
     * @param prompt that asked for it
     */
    static Optional<String> fault(String rewrite, String passage, String prompt) {
        if (rewrite.isEmpty()) {
            return Optional.of("it is empty");
        }
        if (PREAMBLE_ALONE.matcher(rewrite).matches()) {
            return Optional.of("nothing follows its first words");
        }
        if (isRefusal(rewrite, passage)) {
            return Optional.of("a refusal");
        }
        if (folded(rewrite).equals(folded(passage))) {
            return Optional.of("it is the passage itself");
        }
        if (echoes(rewrite, passage, prompt)) {
            return Optional.of("it repeats what it was asked");
        }
        if (!PairParser.parse(rewrite).isEmpty() && PairParser.parse(passage).isEmpty()) {
            return Optional.of("it is questions with answers");
        }
        long has = size(rewrite);
        long wants = size(passage);
        if (wants > LONG && has < LEAST * wants) {
            return Optional.of("it is much shorter than the passage");
        }
        if (has > MOST * Math.max(LONG, wants)) {
            return Optional.of("it is much longer than the passage");
        }
        return losesAnchors(rewrite, passage)
                ? Optional.of("it has none of the passage's names and numbers")
                : Optional.empty();
    }

    private static boolean isRefusal(String text, String passage) {
        Matcher refusal = REFUSAL.matcher(text);
        if (!refusal.lookingAt() || folded(passage).contains(folded(refusal.group()))) {
            return false;
        }
        return !FIRST_PERSON.matcher(passage).find() || shared(text, passage) < LEAST_SHARED;
    }

    private static double shared(String text, String passage) {
        Set<String> words = words(passage);
        int all = words.size();
        words.retainAll(words(text));
        return all == 0 ? 1 : (double) words.size() / all;
    }

    private static Set<String> words(String text) {
        Set<String> words = new HashSet<>();
        WORD.matcher(text).results().forEach(word -> words.add(word.group().toLowerCase(Locale.ROOT)));
        return words;
    }

    /** Whether a line of the instruction stands in it that the passage lacks. */
    private static boolean echoes(String text, String passage, String prompt) {
        String folded = folded(text);
        String known = folded(passage);
        return prompt.replace(passage, "\n")
                .lines()
                .map(Rewrites::folded)
                .anyMatch(line -> line.length() >= ECHO && folded.contains(line) && !known.contains(line));
    }

    private static boolean losesAnchors(String text, String passage) {
        Set<String> anchors = new HashSet<>();
        ANCHOR.matcher(passage).results().forEach(anchor -> anchors.add(folded(anchor.group())));
        String folded = folded(text);
        return anchors.size() >= ENOUGH_ANCHORS && anchors.stream().noneMatch(folded::contains);
    }

    /** Letters and digits. */
    private static long size(String text) {
        return text.codePoints().filter(Character::isLetterOrDigit).count();
    }

    private static String folded(String text) {
        return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    }
}
