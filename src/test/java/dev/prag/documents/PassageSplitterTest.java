package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassageSplitterTest {
    @Test
    void aShortTextIsOnePassage() {
        assertEquals(List.of("One sentence. Another one."), PassageSplitter.split("  One sentence. Another one.\n"));
    }

    @Test
    void whiteSpaceIsNoPassage() {
        assertEquals(List.of(), PassageSplitter.split(" \n\t\u00a0 "));
        assertEquals(List.of(), PassageSplitter.split(""));
    }

    @Test
    void cutsAtSentenceEndsNearTheTarget() {
        String text = IntStream.range(0, 40).mapToObj(i -> sentence(i, 12)).collect(Collectors.joining(" "));
        List<String> passages = PassageSplitter.split(text);
        assertEquals(5, passages.size());
        for (String passage : passages) {
            assertTrue(passage.endsWith("."), passage);
            assertTrue(Math.abs(words(passage) - PassageSplitter.TARGET) <= 6, () -> words(passage) + " words");
        }
    }

    @Test
    void abbreviationsAndInitialsEndNoSentence() {
        String filler = IntStream.range(0, 8).mapToObj(i -> sentence(i, 12)).collect(Collectors.joining(" "));
        List<String> passages = PassageSplitter.split(filler + " It was Dr. J. Smith of St. Mary who won. " + filler);
        assertEquals(2, passages.size());
        assertTrue(passages.stream().anyMatch(p -> p.contains("Dr. J. Smith of St. Mary who won.")));
    }

    @Test
    void anOverlongSentenceIsCutEvenlyAtWords() {
        String text = IntStream.range(0, 260).mapToObj(i -> "word" + i).collect(Collectors.joining(" "));
        List<String> passages = PassageSplitter.split(text);
        assertEquals(
                List.of(86, 87, 87),
                passages.stream().map(PassageSplitterTest::words).toList());
    }

    @Test
    void aShortTailJoinsThePassageBefore() {
        String text = IntStream.range(0, 9).mapToObj(i -> sentence(i, 12)).collect(Collectors.joining(" "));
        assertEquals(1, PassageSplitter.split(text + " A tail of five words.").size());
    }

    @Test
    void anEditLeavesThePassagesOfOtherParagraphsAlone() {
        List<String> paragraphs = IntStream.range(0, 6)
                .mapToObj(p -> IntStream.range(10 * p, 10 * p + 8)
                        .mapToObj(i -> sentence(i, 12))
                        .collect(Collectors.joining(" ")))
                .toList();
        List<String> before = PassageSplitter.split(String.join("\n\n", paragraphs));
        List<String> edited = new java.util.ArrayList<>(paragraphs);
        edited.set(1, paragraphs.get(1) + " This is new. " + sentence(99, 20));
        List<String> after = PassageSplitter.split(String.join("\n\n", edited));
        assertEquals(before.size() - 1, before.stream().filter(after::contains).count());
    }

    @Test
    void scriptsWithoutSpacesAndEndlessRunsAreBounded() {
        List<String> chinese = PassageSplitter.split("这是一个句子。".repeat(100));
        assertTrue(chinese.size() >= 4, () -> chinese.size() + " passages");
        assertTrue(chinese.stream().allMatch(p -> p.length() <= 210));
        List<String> run = PassageSplitter.split("é".repeat(100_000));
        assertTrue(run.stream().allMatch(p -> utf8(p) <= PassageSplitter.MAX_BYTES));
        assertEquals(100_000, run.stream().mapToInt(String::length).sum());
    }

    @Test
    void aLongTextTakesNoLongerThanItsLength() {
        String text = "The fox of Dr. Smith jumps over the dog near 3.14 houses. ".repeat(60_000);
        assertTrue(PassageSplitter.split(text).size() > 6_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "> ",
                ">",
                "- ",
                "1. ",
                "[",
                "![",
                "*",
                "**a",
                "`",
                "<!--",
                "<a ",
                "|",
                "|a\n|-\n|",
                "# a\n",
                "a\n\n",
                "\r",
                "\n",
                " \n",
                "&",
                "\\",
                "```\n",
                "- - - ",
                "\ta\tb\n",
                "[a]: b\n",
                "data:",
                "a\u0301",
                "\u0301",
                "…",
                "文"
            })
    void hostileTextsAreCutInLinearTimeAndFlatStack(String piece) {
        String text = piece.repeat(1_000_000 / piece.length());
        for (String passage : PassageSplitter.split(text + "\n\nThe end.")) {
            assertTrue(utf8(passage) <= PassageSplitter.MAX_BYTES, () -> utf8(passage) + " bytes");
        }
    }

    @Test
    void listsNestedByIndentationAreCutInLinearTime() {
        StringBuilder nested = new StringBuilder();
        for (int i = 0; i < 1500; i++) {
            nested.append(" ".repeat(2 * i)).append("- item ").append(i).append('\n');
        }
        List<String> passages =
                PassageSplitter.split(nested.append("\n".repeat(100_000)).toString());
        assertTrue(passages.getLast().endsWith("item 1499"), passages.getLast());
    }

    /** Each has one place inside at which no passage may begin, marked by a bar. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "It was Dr. |Smith who came.",
                "She lives, e.g. |Berlin is meant, in a city.",
                "Das war bzw. |Ist es noch so?",
                "Siehe Nr. |Fünf im Anhang.",
                "See vol. |Two of it.",
                "The U.S. |Army came.",
                "J. R. R. |Tolkien wrote it.",
                "Geboren am 3. |Mai 1971 in Torsby.",
                "Narodila se 3. |května 1971.",
                "Der 2. |Weltkrieg endete.",
                "Heinrich VIII. |König von England.",
                "It costs 3. |50 crowns.",
                "He waited... |Then he went.",
                "He waited… |Then he went.",
                "See https://x.org/a?b=C.D|&E now.",
                "On p. |Seven it stands.",
                "Le M. |Dupont est venu.",
                "El Sr. |García vino.",
                "Il dott. |Rossi venne.",
                "См. рис. |Два на странице."
            })
    void aSentenceGoesOnBehindWhatOnlyLooksLikeItsEnd(String marked) {
        int bar = marked.indexOf('|');
        String sentence = marked.replace("|", "");
        String rest = sentence.substring(bar);
        // Wherever the cut would fall by count, it doesn't fall there.
        for (int before = 80; before < 105; before++) {
            String filler = IntStream.range(0, before).mapToObj(i -> "w" + i).collect(Collectors.joining(" ")) + ". ";
            List<String> passages = PassageSplitter.split(filler + sentence + " " + filler);
            assertTrue(passages.size() > 1, passages::toString);
            assertTrue(passages.stream().noneMatch(p -> p.startsWith(rest)), passages::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "यह एक वाक्य है जो यहाँ समाप्त होता है। ",
                "هل هذه جملة تنتهي هنا بالسؤال؟ ",
                "ይህ አንድ ዓረፍተ ነገር ነው። ",
                "這是一個完整的句子，它在這裡結束。",
                "これは一つの文で、ここで終わる。",
                "Это предложение здесь кончается. ",
                "Αυτή είναι μια πρόταση. "
            })
    void everyScriptsSentencesEndAsTheyEnd(String sentence) {
        List<String> passages = PassageSplitter.split(sentence.repeat(60));
        assertTrue(passages.size() > 2, passages::toString);
        String mark = sentence.strip().substring(sentence.strip().length() - 1);
        assertTrue(passages.stream().allMatch(p -> p.endsWith(mark)), passages::toString);
    }

    @Test
    void thaiIsCutBetweenItsWords() {
        List<String> passages = PassageSplitter.split("ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน".repeat(12));
        assertTrue(passages.size() > 2);
        assertEquals("ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน".repeat(12), String.join("", passages));
        for (String passage : passages) {
            assertTrue("เแโใไ".indexOf(passage.charAt(passage.length() - 1)) < 0, "a vowel before its consonant");
            assertTrue(Character.getType(passage.charAt(0)) != Character.NON_SPACING_MARK, passage);
        }
    }

    @Test
    void noCharacterIsCutInTwo() {
        String family = "👨‍👩‍👧‍👦";
        List<String> passages = PassageSplitter.split(family.repeat(500));
        assertTrue(passages.stream().allMatch(p -> p.length() % family.length() == 0), passages::toString);
    }

    @Test
    void listsAreCutBetweenTheirItems() {
        for (String mark : List.of("- ", "* ", "1. ", "2) ", "• ", "  - ")) {
            String list = IntStream.range(0, 30)
                    .mapToObj(i -> mark + "Item " + i + " has no stop. But a sentence more\n  and a second line " + i)
                    .collect(Collectors.joining("\n"));
            List<String> passages = PassageSplitter.split("The list:\n\n" + list);
            assertTrue(passages.size() > 2);
            assertTrue(passages.stream().skip(1).allMatch(p -> p.startsWith(mark.strip())), () -> mark + passages);
        }
    }

    @Test
    void tablesAreCutBetweenTheirRows() {
        String rows = IntStream.range(0, 80)
                .mapToObj(i -> "| Name " + i + ". Then | Town | 19" + (10 + i) + " |")
                .collect(Collectors.joining("\n"));
        List<String> passages = PassageSplitter.split("| name | town | born |\n|---|:-:|---|\n" + rows);
        assertTrue(passages.size() > 3);
        assertTrue(passages.stream().allMatch(p -> p.startsWith("| ") && p.endsWith(" |")), passages::toString);
        String bare = rows.replace("| Name", "Name").replace(" |\n", "\n");
        passages = PassageSplitter.split("name | town | born\n---|---|---\n" + bare);
        assertTrue(passages.stream().skip(1).allMatch(p -> p.startsWith("Name ")), passages::toString);
        String tabs =
                IntStream.range(0, 120).mapToObj(i -> "Row " + i + ". A\tB\tC").collect(Collectors.joining("\n"));
        passages = PassageSplitter.split(tabs);
        assertTrue(passages.size() > 3);
        assertTrue(passages.stream().allMatch(p -> p.startsWith("Row ")), passages::toString);
    }

    @Test
    void codeIsCutBetweenItsLinesAndItsFencesStayWithIt() {
        String code =
                IntStream.range(0, 90).mapToObj(i -> "x" + i + " = f(y). g(z)").collect(Collectors.joining("\n"));
        List<String> passages =
                PassageSplitter.split(sentence(1, 12) + "\n\n```python\n" + code + "\n```\n\n" + sentence(2, 12));
        assertTrue(
                passages.stream().noneMatch(p -> p.endsWith("```python") || p.startsWith("```\n")), passages::toString);
        assertTrue(passages.stream().skip(1).limit(2).allMatch(p -> p.startsWith("x")), passages::toString);
    }

    @Test
    void aHeadingGoesWithWhatFollowsAndIsKeptBeside() {
        String text = "# Ferry *timetable*\n\n" + sentence(1, 50) + "\n\n## Winter\n\n" + sentence(2, 90)
                + "\n\n## Summer ##\n\n" + sentence(3, 40) + " " + sentence(4, 90) + "\n\nPrices\n======\n\n"
                + sentence(5, 40);
        List<PassageSplitter.Cut> cuts = PassageSplitter.split(ReadableText.of(text));
        assertEquals(
                List.of("Ferry timetable", "Ferry timetable > Winter", "Ferry timetable > Summer", "Prices"),
                cuts.stream().map(PassageSplitter.Cut::headings).toList());
        assertTrue(
                cuts.get(1).text().startsWith("## Winter\n\nSentence2"),
                cuts.get(1).text());
        assertTrue(
                cuts.get(3).text().startsWith("Prices\n======\n\nSentence5"),
                cuts.get(3).text());
    }

    @Test
    void aLineThatLeadsInGoesWithWhatFollows() {
        for (String following :
                List.of("```\ncode\n```", "- one\n- two", "| a |\n|---|\n| b |", "Words.", "• one\n• two")) {
            List<String> passages = PassageSplitter.split(sentence(1, 148) + " It is used so:\n\n" + following);
            assertEquals(sentence(1, 148), passages.getFirst(), following);
            assertEquals("It is used so:\n\n" + following, passages.getLast());
        }
        assertEquals(List.of("It ends so:"), PassageSplitter.split("It ends so:"));
    }

    @Test
    void whatOnlyLooksLikeAHeadingIsNone() {
        String text = "```sh\n# remove it\n```\n\n    # indented\n\n<!--\n# hidden\n-->\n\n#tag " + sentence(1, 30);
        assertEquals("", PassageSplitter.split(ReadableText.of(text)).getFirst().headings());
    }

    @Test
    void commentsAreNoText() {
        assertEquals(List.of("Before.\n\n\n\nAfter."), PassageSplitter.split("Before.\n\n<!-- to\n\ndo -->\n\nAfter."));
        assertEquals(List.of(), PassageSplitter.split("<!-- nothing\n# else -->"));
        assertEquals(List.of("<!-- never closed\n\nText."), PassageSplitter.split("<!-- never closed\n\nText."));
        assertEquals(List.of("```\n<!-- code -->\n```"), PassageSplitter.split("```\n<!-- code -->\n```"));
        String filler = "x y\n".repeat(10_000);
        assertEquals(List.of("A.\n\n\n\nB."), PassageSplitter.split("A.\n\n<!--\n" + filler + "-->\n\nB."));
    }

    @Test
    void blocksLongerThanAChunkStayWhatTheyAre() {
        String code = "# no heading\n\n".repeat(5_000);
        List<PassageSplitter.Cut> cuts =
                PassageSplitter.split(ReadableText.of("~~~\n" + code + "~~~\n\n# Title\n\n" + sentence(1, 40)));
        assertEquals("Title", cuts.getLast().headings());
        assertTrue(cuts.subList(0, cuts.size() - 1).stream()
                .allMatch(cut -> cut.headings().isEmpty()));
        String list = IntStream.range(0, 5_000)
                .mapToObj(i -> "- item " + i + " of a list")
                .collect(Collectors.joining("\n"));
        assertTrue(PassageSplitter.split(list).stream().allMatch(p -> p.startsWith("- item")));
    }

    @Test
    void theDemoIsAPassageADocument() throws IOException {
        for (String corpus : List.of("small", "large")) {
            for (DocumentInput document : DocumentFiles.of(Path.of("src/main/demo", corpus, "passages.jsonl"))) {
                assertEquals(List.of(document.text()), PassageSplitter.split(document.text()));
            }
        }
    }

    @Test
    void neverLosesOrChangesTextAndKeepsItsBounds() {
        SplittableRandom random = new SplittableRandom(7);
        String[] pieces = {
            "word",
            "longer",
            " ",
            " ",
            " ",
            ". ",
            "! ",
            "? ",
            "\n",
            "\n\n",
            "\t",
            "\u00a0",
            "é",
            "日本",
            "😀",
            "Dr.",
            "U.S.",
            "\"Quoted.\" ",
            "3.14",
            "…",
            "\r\n\r\n",
            "\ufeff",
            ")",
            "(",
            "-",
            "\n- ",
            "\n# ",
            "\n| a | b |\n",
            "\n```\n",
            "\n> ",
            "हिन्दी।",
            "ไทย",
            "\n---\n",
            "<b>",
            "\r"
        };
        for (int round = 0; round < 400; round++) {
            StringBuilder built = new StringBuilder();
            int length = random.nextInt(1200);
            for (int i = 0; i < length; i++) {
                built.append(pieces[random.nextInt(pieces.length)]);
                if (random.nextInt(3) == 0) {
                    built.append(' ');
                }
            }
            String text = built.toString();
            List<String> passages = PassageSplitter.split(text);
            int at = 0;
            for (String passage : passages) {
                int found = text.indexOf(passage, at);
                assertTrue(found >= 0, "a passage is a piece of the text, after the one before");
                assertTrue(isBlank(text.substring(at, found)), "only white space lies between");
                assertFalse(isBlank(passage));
                assertFalse(isBlank(passage.substring(0, 1)));
                assertTrue(words(passage) <= PassageSplitter.MAX);
                assertTrue(utf8(passage) <= PassageSplitter.MAX_BYTES);
                at = found + passage.length();
            }
            assertTrue(isBlank(text.substring(at)));
            assertEquals(passages, PassageSplitter.split(text));
        }
    }

    private static boolean isBlank(String text) {
        return text.codePoints().allMatch(PassageSplitter::isSpace);
    }

    private static String sentence(int number, int words) {
        return "Sentence" + number + " "
                + IntStream.range(2, words).mapToObj(i -> "w" + i).collect(Collectors.joining(" ")) + " ends.";
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static int words(String text) {
        return text.strip().split("\\s+").length;
    }
}
