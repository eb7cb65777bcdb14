package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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
        List<String> run = PassageSplitter.split("x".repeat(100_000));
        assertTrue(run.stream().allMatch(p -> p.length() <= PassageSplitter.MAX * 200));
        assertEquals(100_000, run.stream().mapToInt(String::length).sum());
    }

    @Test
    void aLongTextTakesNoLongerThanItsLength() {
        String text = "The fox of Dr. Smith jumps over the dog near 3.14 houses. ".repeat(60_000);
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> assertTrue(PassageSplitter.split(text).size() > 6_000));
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
            "-"
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

    private static int words(String text) {
        return text.strip().split("\\s+").length;
    }
}
