package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptSetTest {
    private static final Pattern PASSAGE = Pattern.compile("Passage \\d+: (.*)\n");

    @Test
    void demoPromptsAreThoseTheModelWasTrainedOn() throws IOException {
        PromptSet demo = PromptSet.named("demo");
        JsonNode goldens = new ObjectMapper()
                .readTree(
                        Path.of("src/test/resources/demo/golden-generate.json").toFile());
        int answers = 0;
        for (JsonNode golden : goldens) {
            String user = golden.get("user").asText();
            String last = user.substring(user.lastIndexOf('\n') + 1);
            switch (golden.get("kind").asText()) {
                case "rewrite" -> assertEquals(user, demo.rewritePrompt(last));
                case "pairs" -> assertEquals(user, demo.pairsPrompt(last));
                default -> {
                    boolean steps = golden.get("lead").asText().startsWith("Let");
                    List<String> passages = new ArrayList<>();
                    Matcher matcher = PASSAGE.matcher(user);
                    while (matcher.find()) {
                        passages.add(matcher.group(1));
                    }
                    assertEquals(user, demo.answerPrompt(passages, last.substring("Question: ".length()), steps));
                    assertEquals(golden.get("lead").asText(), demo.start(steps));
                    answers++;
                }
            }
        }
        assertEquals(24, answers);
    }

    @Test
    void valuesAreFilledInOnceAndAsTheyAre() {
        PromptSet demo = PromptSet.named("demo");
        assertEquals(
                "Passage 1: {question} $1 \\\n\n"
                        + "Answer from what you know and from the passages above.\nQuestion: {passages}?",
                demo.answerPrompt(List.of("{question} $1 \\"), "{passages}?", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "instruct"})
    void everySampleBeginsAsTheAnswerDoesAndHoldsTheAnswer(String name) {
        PromptSet set = PromptSet.named(name);
        Pair pair = new Pair("Who wrote Oxu?", "Ada Brin", "Oxu was written by Ada Brin.");
        for (boolean steps : new boolean[] {false, true}) {
            var chat = set.sample(List.of("Ada Brin wrote Oxu."), pair, steps);
            String assistant = (String) chat.getLast().get("content");
            assertEquals("assistant", chat.getLast().get("role"));
            assertTrue(assistant.startsWith(set.start(steps)), assistant);
            assertEquals("Ada Brin", set.extractAnswer(assistant));
            String user = (String) chat.getFirst().get("content");
            assertTrue(user.contains("Ada Brin wrote Oxu.") && user.contains("Who wrote Oxu?"), user);
        }
        assertTrue(set.answerPrompt(List.of(), "Who?", true).contains("Who?"));
        assertTrue(set.pairsPrompt("Ada Brin wrote Oxu.").contains("full_answer"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ' Klara Stoholm.'                                                     | Klara Stoholm
        'The answer is Klara Stoholm.'                                        | Klara Stoholm
        ' Oxu was by Ada. Ada was born in Rin. So the answer is Rin.'         | Rin
        'The answer is hard to find. The ANSWER is: 24 September 1958'        | 24 September 1958
        ' J. R. Brin.'                                                        | J. R. Brin
        ''                                                                    | ''
        """)
    void anAnswerIsWhatFollowsTheLastMarker(String text, String answer) {
        assertEquals(answer, PromptSet.named("demo").extractAnswer(text));
    }

    @Test
    void anAnswerEndsWithItsLine() {
        assertEquals("Rin", PromptSet.named("demo").extractAnswer(" Rin.\nQuestion: Who?"));
    }

    @Test
    void anUnknownSetIsRefusedByName() {
        UserException e = assertThrows(UserException.class, () -> PromptSet.named("polite"));
        assertTrue(e.getMessage().contains("polite") && e.getMessage().contains("instruct"), e.getMessage());
    }
}
