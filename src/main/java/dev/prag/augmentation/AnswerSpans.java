package dev.prag.augmentation;

import java.time.DayOfWeek;
import java.time.Month;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pieces of a sentence that make good answers, by rules: numbers with their units, dates, names, what something is or
 * means, what stands behind prepositions and articles, items of an enumeration. Numbers, dates, names and codes are found
 * in any language with spaces; the rest knows English words.
 */
final class AnswerSpans {
    /** Longer answers aren't pieces any more, in words. */
    private static final int LONGEST = 14;

    private static final String COUNT_WORDS =
            "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
                    + "fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|"
                    + "thousand|million|billion|half|third|thirds|quarter|quarters|dozen|twice|(?<!at )once";
    private static final String NUMBER =
            "(?:[€$£¥]\\s?)?(?:(?<![\\p{L}\\p{N}.-])\\p{N}+(?:[.,:/]\\p{N}+)*(?:st|nd|rd|th|%|°[CF]?)?"
                    + "|(?<!-)\\b(?i:(?:" + COUNT_WORDS + ")(?:-(?:" + COUNT_WORDS + "))?)\\b)(?![\\p{L}\\p{N}])";
    /** Words that begin something else than a unit. */
    private static final String NO_UNIT =
            "(?!(?:and|or|of|in|on|at|by|to|for|from|with|within|until|before|after|as|than|that|which|who|when|while|if|"
                    + "because|but|is|are|was|were|has|have|had|be|been|can|may|must|will|would|should|could|the|a|an|it|its|"
                    + "he|she|they|their|his|her|this|per|each|every|not|only|also|into|through|under|over|between|about|"
                    + "so|then|there|where|does|do|did|went|came|ran|bought|carried|works?|needs?|takes?|took|passed|sold|"
                    + "killed|left|began|became|made|gave)\\b)";

    private static final String UNIT =
            "(?:[\\s-](?:hundred|thousand|million|billion|trillion|percent|per cent|degrees))*"
                    + "(?:[ -]" + NO_UNIT + "(?:\\p{Ll}[\\p{L}-]*(?<!s) " + NO_UNIT
                    + "\\p{Ll}[\\p{L}-]*(?<!ed)(?![\\p{L}-])|\\p{Ll}[\\p{L}-]*))?"
                    + "(?: (?:Celsius|Fahrenheit|Kelvin))?"
                    + "(?: (?:a|an|per|each|every) (?:second|minute|hour|day|night|week|month|quarter|year|person|head|piece|"
                    + "metre|meter|mile|kilometre|kilometer|litre|liter|kilogram|gram|passenger|member|user|ticket)s?)?";
    private static final Pattern QUANTITY = Pattern.compile("(" + NUMBER + UNIT + ")(?: (?:and|to|or)(?: a)? (" + NUMBER
            + UNIT + "))?" + "|" + NUMBER + "\\s?(?:–|-)\\s?" + NUMBER + UNIT);
    /** Units of which two may make one quantity. */
    private static final Pattern MEASURE =
            Pattern.compile("\\b(?:second|minute|hour|day|night|week|month|year|inch|foot|feet|"
                    + "yard|mile|metre|meter|centimetre|centimeter|kilometre|kilometer|ounce|pound|stone|gram|kilogram|tonne|cent|"
                    + "euro|dollar|penny|pence|shilling|krone|franc|degree)(?:s|es)?\\b");

    private static final Pattern WORDS = Pattern.compile("\\p{L}{3,}");

    private static final Pattern DATE = date();
    /** Capitalised words, also with what stands between those of one name. */
    private static final String CAPITALISED =
            "(?:\\p{Lu}\\p{L}{0,3}\\.(?= \\p{Lu})|\\p{Lu}[\\p{L}\\p{M}\\p{N}’'&+/.-]*[\\p{L}\\p{N}+]|\\p{Lu})";

    private static final Pattern NAME = Pattern.compile(
            "(?<![\\p{L}\\p{N}-])" + CAPITALISED
                    + "(?: (?:(?:of|of the|the|&|de|du|de la|van|van der|von|der|den|la|le|el|al|bin) )?" + CAPITALISED
                    + "| \\p{N}+(?:\\.\\p{N}+)*(?![\\p{L}\\p{N}.,:%]*\\p{N}|%))*",
            Pattern.UNICODE_CHARACTER_CLASS);
    /** Letters with digits, such as part numbers and versions. */
    private static final Pattern CODE = Pattern.compile(
            "(?<![\\p{L}\\p{N}.-])(?=[\\p{L}\\p{N}./_-]*\\p{N})(?=[\\p{L}\\p{N}./_-]*\\p{L})[\\p{L}\\p{N}]+(?:[./_-][\\p{L}\\p{N}]+)*");

    /** Of a page or a mailbox: its parts are no answers. */
    private static final Pattern ADDRESS =
            Pattern.compile("\\bhttps?://[^\\s)>\\]]+[^\\s)>\\].,;:]|\\b[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+");

    private static final Pattern QUOTED = Pattern.compile("[“\"«]([^”\"»]{2,80})[”\"»]");
    private static final String CLAUSE_END =
            "(?=\\s*(?:[;:!?()]|[.,](?:\\s|$)|$|\\b(?:that|which|who|whose|where|when|if|because|while|until|but|although)\\b|"
                    + "\\band (?:is|are|was|were|has|have|had|it|they|he|she|can|may|must|will)\\b))";
    /** What was done isn't what something is. */
    private static final String NO_PARTICIPLE =
            "(?!(?:\\S+ ){0,2}(?:\\S+ed|said|made|held|kept|sold|paid|sent|built|found|done|seen|known|given|taken|written|"
                    + "shown|gone|run|put|set|cut|worn|driven|carried)\\b)";

    private static final Pattern COMPLEMENT = Pattern.compile("\\b(?:(?:is|are|was|were|became|become|remains?)\\s+"
            + "(?:not |also |only |still |now )?(?:(?=(?:an?|the|its|their|his|her|one of)\\b)|(?:called|named|known as)\\s|(?=(?:\\S+ ){0,2}\\S+"
            + CLAUSE_END + ")" + NO_PARTICIPLE + ")|(?:called|named|known as|"
            + "means?(?: that)?|stands for|consists? of|includes?|contains?|covers?)\\s+)(.+?)" + CLAUSE_END);
    private static final Pattern REASON = Pattern.compile(
            "\\b(?:because|so that|in order to|since|unless|provided that|if|when|as soon as|until)(?! then\\b)\\s+(.+?)(?=\\s*(?:[;:!?]|[.,](?:\\s|$)|$))");
    /** Behind these the preposition belongs to the answer. */
    private static final Pattern PLACE = Pattern.compile(
            "\\b((?:within|before|after|until|between|during|behind|under|above|below|beneath|without|against|near|outside|"
                    + "inside|since(?! then\\b)|beside|through|across|around|except|among)\\s+|(?:in|on|at|by|with|from|to|into|"
                    + "as(?! (?:soon|long|far|much|many|well|often)\\b)|for|of|via|using)\\s+)((?:\\S+?\\s+){0,6}?\\S+?)(?=\\s*(?:[;:!?()]|[.,](?:\\s|$)|$)|\\s+(?:in|on|at|by|with|from|to|into|as|for|via|"
                    + "and|or|but|so|is|are|was|were|has|have|had|can|may|must|will|that|which|who|when|if|because|while|where|"
                    + "until|before|after|within|during|without|than)\\b)");

    private static final Pattern THING = Pattern.compile(
            "\\b(?:the|an?|its|their|his|her|your|every|all|no)\\s+(?:(?!(?:in|on|at|by|with|"
                    + "from|to|into|as|for|and|or|but|so|is|are|was|were|has|have|had|can|may|must|will|that|which|who|when|if|because|"
                    + "while|where|until|before|after|within|during|without|than|the|an?)\\b)[\\p{L}\\p{N}’'-]+(?:\\s+of(?:\\s+the|\\s+an?)?\\b)?\\s*){1,4}");
    private static final Pattern ENUMERATION =
            Pattern.compile("[\\p{L}\\p{N}’'-]+(?:, (?:[\\p{L}\\p{N}’'-]+ ){0,3}[\\p{L}\\p{N}’'-]+)+,? (?:and|or) "
                    + "[\\p{L}\\p{N}’'-]+(?: [\\p{L}\\p{N}’'-]+(?=[.,;:]|$))?");
    private static final Pattern EDGES = Pattern.compile("\\A[\\s,;:.!?()\\[\\]“”\"«»*_]+|[\\s,;:!?(\\[“”\"«»*_]+\\z");
    private static final Pattern OPEN_END = Pattern.compile(
            "(?i)\\s+(?:and|or|of|in|on|at|by|to|for|from|with|the|an?|is|are|was|were|that|which|than|as|not)\\z");

    private AnswerSpans() {}

    /** A piece; a smaller rank is a better answer. */
    private record Span(int from, int to, int rank) {
        boolean overlaps(Span other) {
            return from < other.to && other.from < to;
        }
    }

    /**
     * The pieces of a sentence, the best first; no two of them overlap unless one is of the better half of the kinds and
     * the other a clause.
     *
     * @param subject title and headings: names in them make poor answers, as questions have to name what they ask about
     */
    static List<String> of(String sentence, String subject) {
        List<Span> found = new ArrayList<>();
        add(found, ADDRESS, 0, sentence, 0);
        add(found, DATE, 0, sentence, 0);
        addNames(found, sentence, subject);
        addQuantities(found, sentence);
        add(found, CODE, 0, sentence, 2);
        add(found, QUOTED, 1, sentence, 2);
        add(found, COMPLEMENT, 1, sentence, 4);
        add(found, REASON, 1, sentence, 5);
        addPlaces(found, sentence);
        add(found, ENUMERATION, 0, sentence, 7);
        add(found, THING, 0, sentence, 8);
        found.sort(Comparator.comparingInt(Span::rank).thenComparingInt(Span::from));
        List<Span> chosen = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        Set<String> seen = new TreeSet<>();
        for (Span span : found) {
            String answer = clean(sentence.substring(span.from(), span.to()));
            if (isGood(answer, sentence)
                    && chosen.stream().noneMatch(other -> clash(other, span))
                    && seen.add(String.join(" ", AnswerText.bare(answer)))) {
                chosen.add(span);
                answers.add(answer);
            }
        }
        return answers;
    }

    /** A clause may hold a number or a name, and both be asked for. */
    private static boolean clash(Span chosen, Span span) {
        boolean clause = span.rank() == 4 || span.rank() == 5 || span.rank() == 7;
        boolean piece = chosen.rank() <= 3;
        return chosen.overlaps(span)
                && !(clause && piece && span.to() - span.from() > 2 * (chosen.to() - chosen.from()));
    }

    private static void add(List<Span> found, Pattern pattern, int group, String sentence, int rank) {
        Matcher matcher = pattern.matcher(sentence);
        int from = 0;
        while (from <= sentence.length() && matcher.find(from)) {
            found.add(new Span(matcher.start(group), matcher.end(group), rank));
            // Within a clause another may begin.
            from = rank >= 4 && group > 0
                    ? Math.max(matcher.start(group), from + 1)
                    : Math.max(matcher.end(), from + 1);
        }
    }

    /** A number behind a name is its own, such as a version's. */
    private static void addQuantities(List<Span> found, String sentence) {
        List<Span> named = List.copyOf(found);
        for (MatchResult match : QUANTITY.matcher(sentence).results().toList()) {
            if (areTwo(match)) {
                addQuantity(found, named, match.start(1), match.end(1));
                addQuantity(found, named, match.start(2), match.end(2));
            } else {
                addQuantity(found, named, match.start(), match.end());
            }
        }
    }

    /** Whether two quantities are joined that are asked for by different words, such as 46 cars and 390 passengers. */
    private static boolean areTwo(MatchResult match) {
        return match.group(2) != null
                && hasUnit(match.group(1))
                && hasUnit(match.group(2))
                && !(MEASURE.matcher(match.group(1)).find()
                        && MEASURE.matcher(match.group(2)).find());
    }

    private static boolean hasUnit(String quantity) {
        return WORDS.matcher(quantity)
                .results()
                .anyMatch(word ->
                        !AnswerText.isNumber(AnswerText.words(word.group()).getFirst()));
    }

    private static void addQuantity(List<Span> found, List<Span> named, int from, int to) {
        Span span = new Span(from, to, 1);
        if (named.stream().noneMatch(name -> name.from() < span.from() && name.overlaps(span))) {
            found.add(span);
        }
    }

    private static void addNames(List<Span> found, String sentence, String subject) {
        List<String> known = AnswerText.words(subject);
        for (MatchResult name : NAME.matcher(sentence).results().toList()) {
            int from = name.start();
            boolean begins = sentence.substring(0, from).codePoints().noneMatch(Character::isLetterOrDigit);
            int space = name.group().indexOf(' ');
            if (begins && AnswerText.isLittle(name.group().split(" ")[0])) {
                if (space < 0) {
                    continue;
                }
                from += space + 1;
            }
            String text = sentence.substring(from, name.end());
            boolean plainWord = begins
                    && text.indexOf(' ') < 0
                    && text.chars().skip(1).noneMatch(c -> Character.isUpperCase(c) || Character.isDigit(c));
            if (plainWord || AnswerText.isLittle(text)) {
                continue;
            }
            boolean inSubject = !known.isEmpty() && known.containsAll(AnswerText.words(text));
            found.add(new Span(from, name.end(), inSubject ? 9 : 2));
        }
    }

    private static void addPlaces(List<Span> found, String sentence) {
        for (MatchResult place : PLACE.matcher(sentence).results().toList()) {
            boolean whole =
                    place.group(1).strip().length() > 4 && !place.group(1).startsWith("using");
            found.add(new Span(whole ? place.start(1) : place.start(2), place.end(2), 6));
        }
    }

    private static String clean(String piece) {
        String text = EDGES.matcher(piece).replaceAll("");
        Matcher open = OPEN_END.matcher(text);
        while (open.find()) {
            text = text.substring(0, open.start());
            open = OPEN_END.matcher(text);
        }
        boolean stop = text.endsWith(".") && text.indexOf('.') == text.length() - 1 && text.length() > 4;
        return stop ? text.substring(0, text.length() - 1) : text;
    }

    private static boolean isGood(String answer, String sentence) {
        int words = answer.isEmpty() ? 0 : answer.split(" ").length;
        int all = sentence.split(" ").length;
        boolean says = !AnswerText.content(answer).isEmpty();
        boolean balanced = count(answer, '(') == count(answer, ')');
        return says && balanced && words <= LONGEST && (words < 4 || words <= 0.75 * all) && words < all;
    }

    private static long count(String text, char sought) {
        return text.chars().filter(c -> c == sought).count();
    }

    private static Pattern date() {
        // The longer first, as a shorter one may begin it.
        Comparator<String> order =
                Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder());
        Set<String> months = new TreeSet<>(order);
        Set<String> days = new TreeSet<>(order);
        for (String language : List.of("en", "de", "fr", "es", "it", "pt", "nl")) {
            Locale locale = Locale.of(language);
            for (Month month : Month.values()) {
                months.add(month.getDisplayName(TextStyle.FULL, locale));
            }
            for (DayOfWeek day : DayOfWeek.values()) {
                days.add(day.getDisplayName(TextStyle.FULL, locale));
            }
        }
        String month = "(?:" + String.join("|", months) + ")";
        String day = "(?:" + String.join("|", days) + ")s?";
        String number = "\\p{N}{1,2}(?:st|nd|rd|th|\\.)?";
        return Pattern.compile(
                "\\b(?:" + day + "(?:,? )?)?(?:" + number + " (?:of |de )?" + month + "(?:,? (?:de )?\\p{N}{4})?"
                        + "|" + month + " " + number + "(?:, \\p{N}{4})?(?!\\p{N})|" + month + " \\p{N}{4})\\b"
                        + "|(?<![\\p{N}:])\\p{N}{1,2}:\\p{N}{2}(?:\\s?[ap]\\.?m\\.?)?(?: (?:and|to) \\p{N}{1,2}:\\p{N}{2}(?:\\s?[ap]\\.?m\\.?)?)?(?![\\p{N}:])"
                        + "|\\b\\p{N}{4}-\\p{N}{2}-\\p{N}{2}\\b"
                        + "|\\b" + day + "\\b(?: (?:to|and|through) " + day + "\\b)?"
                        + "|(?<=\\b(?:in|since|until|of|from|to|by|before|after|year|and|im|en) )(?:1\\p{N}|20)\\p{N}{2}(?![\\p{N}.,:]*\\p{N})(?![-–]\\p{N})\\b"
                        + "|\\b" + month + "\\b(?: (?:to|and|through) " + month + "\\b)");
    }
}
