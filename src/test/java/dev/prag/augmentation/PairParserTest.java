package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairParserTest {
    private static final String FIRST =
            "{\"question\":\"Who wrote Oxu?\",\"answer\":\"Ada\",\"full_answer\":\"Ada did.\"}";
    private static final String SECOND =
            "{\"question\":\"When [\\\"1\\\"]?\",\"answer\":1999,\"full_answer\":\"In 1999.\"}";
    private static final List<Pair> BOTH =
            List.of(new Pair("Who wrote Oxu?", "Ada", "Ada did."), new Pair("When [\"1\"]?", "1999", "In 1999."));

    @Test
    void aListInAnyWrapping() {
        String list = "[" + FIRST + ", " + SECOND + "]";
        assertEquals(BOTH, PairParser.parse(list));
        assertEquals(BOTH, PairParser.parse("```json\n" + list + "\n```\nI hope this helps [really]!"));
        assertEquals(BOTH, PairParser.parse("Here are {three} questions [as asked]:\n" + list));
        assertEquals(BOTH, PairParser.parse("{\"questions\": " + list + "}"));
        assertEquals(BOTH, PairParser.parse("{\"result\": {\"n\": [2], \"items\": " + list + "}}"));
        assertEquals(BOTH, PairParser.parse("[" + FIRST + "," + SECOND + ",]"));
    }

    @Test
    void ofAListThatEndsTooEarlyTheCompleteObjects() {
        String list = "[" + FIRST + "," + SECOND + "]";
        for (int length = 0; length <= list.length(); length++) {
            int complete = length >= 2 + FIRST.length() + SECOND.length() ? 2 : length > FIRST.length() ? 1 : 0;
            assertEquals(BOTH.subList(0, complete), PairParser.parse(list.substring(0, length)), "length " + length);
        }
    }

    @Test
    void anObjectNeedsAQuestionAndAnAnswer() {
        assertEquals(
                List.of(new Pair("Q?", "A", "A")),
                PairParser.parse("[{\"question\":\"\",\"answer\":\"x\"},{\"answer\":\"x\"},{\"question\":\"Q?\"},"
                        + "{\"question\":[\"Q\"],\"answer\":\"x\"},{\"question\":null,\"answer\":\"x\"},"
                        + "{\"question\":\"Q?\",\"answer\":\" A \"}]"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "none", "[]", "{}", "[1, \"question\"]", "[[", "{\"question\":\"Q?\",\"answer\":\"A\"}"})
    void whatIsNoListOfObjectsHoldsNoPairs(String text) {
        assertTrue(PairParser.parse(text).isEmpty());
    }

    @Test
    void brokenJsonNeverThrowsAndNeverYieldsHalfAPair() {
        String list = "{\"pairs\":[\n" + FIRST + ",\n" + SECOND + "]}";
        Random random = new Random(7);
        String alphabet = "{}[]\":,\\ aQ0\n\u00e9";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder(list);
            for (int edit = random.nextInt(6); edit >= 0; edit--) {
                int at = random.nextInt(text.length());
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.insert(at, c);
                    default -> text.deleteCharAt(at);
                }
            }
            for (Pair pair : PairParser.parse(text.toString())) {
                assertFalse(pair.question().isBlank()
                        || pair.answer().isBlank()
                        || pair.fullAnswer().isBlank());
            }
        }
    }

    @Test
    void deepNestingEndsWithoutAnOverflow() {
        assertTrue(PairParser.parse("[".repeat(5000)).isEmpty());
        assertTrue(PairParser.parse("{\"a\":".repeat(5000)).isEmpty());
    }

    @Test
    void questionsThatDifferInCaseSpaceOrTheFinalMarkAreTheSame() {
        assertEquals(PairParser.normalised("Who  wrote\nOxu?"), PairParser.normalised(" who WROTE oxu ? "));
    }
}
