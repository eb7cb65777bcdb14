package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RewritesTest {
    private static final String SHORT = "Mira Holt was born in Kirkby.";
    private static final String LONG =
            "The Anchor of Raeclaint is a film of 1987 that was directed by Simon Trouqvist and"
                    + " produced in France. It tells of Mira Holt, a keeper of lighthouses on the coast near Kirkby, who finds an"
                    + " anchor that doesn't belong to any of the ships that were ever seen there. The film won three prizes at"
                    + " the festival of Torsby and was shown in forty countries.";
    private static final String PROMPT = PromptSet.named("instruct").rewritePrompt(LONG);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "I can't do that.",
                "I’m sorry, but I cannot rewrite this.",
                "I am unable to help with the passage about Mira Holt in Kirkby.",
                "Sorry, no.",
                "As an AI language model, I don't rewrite texts about Mira Holt.",
                "Unfortunately, I can't assist with that.",
                "I apologize, but this text about Kirkby is beyond me.",
                "Es tut mir leid, das kann ich nicht.",
                "Als KI kann ich das nicht.",
                "Je suis désolé, je ne peux pas.",
                "Lo siento, no puedo hacerlo.",
                "Mi dispiace, non posso.",
                "Desculpe, não posso.",
                "对不起，我无法完成。",
                "申し訳ありませんが、できません。",
                "Извините, я не могу этого сделать.",
            })
    void refusals(String text) {
        assertEquals(Optional.of("a refusal"), fault(text, SHORT));
    }

    @Test
    void aPassageMaySpeakSo() {
        String passage = "I'm sorry, said Mira Holt to me in Kirkby, and I believed her.";
        assertEquals(Optional.empty(), fault("I'm sorry, Mira Holt told me; in Kirkby I believed her.", passage));
        assertEquals(Optional.empty(), fault("I can't doubt that Mira Holt said sorry in Kirkby.", passage));
        assertEquals(Optional.of("a refusal"), fault("I can't do that.", passage));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Here is the rewritten passage:",
                "Sure!",
                "Sure: [{\"question\":\"Who directed The Anchor of Raeclaint?\",\"answer\":\"Simon Trouqvist\"}]",
                "The Anchor of Raeclaint is a film.",
                "A film that somebody made tells of a keeper, who finds something on a coast that doesn't belong there. It"
                        + " won prizes and was shown in many lands, and people everywhere came to see it again and again,"
                        + " as it was so good that nobody could forget it.",
            })
    void emptyShells(String text) {
        assertTrue(fault(text, LONG).isPresent(), text);
    }

    @Test
    void thePassageItselfOrItsPromptOrFarTooMuch() {
        assertEquals(
                Optional.of("it is the passage itself"),
                fault(LONG.replace(" ", "\n").toUpperCase(), LONG));
        assertEquals(Optional.of("it repeats what it was asked"), fault(PROMPT, LONG));
        assertEquals(Optional.of("it is much longer than the passage"), fault((LONG + " So it is. ").repeat(4), LONG));
        assertEquals(Optional.empty(), fault(LONG.replace("that was directed", "directed"), LONG));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Kirkby is her home.",
                "Here is the rewritten passage:\n\nKirkby is her home.",
                "Sure! Here's the passage in other words:\nKirkby is her home.",
                "**Rewritten passage:** Kirkby is her home.",
                "Here is the rewritten text: Kirkby is her home.",
                "```\nKirkby is her home.\n```",
                "Certainly, here it is:\n```text\nKirkby is her home.\n```",
                "\"Kirkby is her home.\"",
                "“Kirkby is her home.”",
                "Voici le passage reformulé :\n\nKirkby is her home.",
                "Hier ist der neue Text:\nKirkby is her home.",
            })
    void wordsAboutTheRewriteAreTakenOff(String text) {
        assertEquals("Kirkby is her home.", Rewrites.clean(text, SHORT));
    }

    @Test
    void whatBelongsToThePassageStays() {
        assertEquals("\"Kirkby\" and \"Torsby\"", Rewrites.clean("\"Kirkby\" and \"Torsby\"", SHORT));
        String list = "Here are the towns:\nKirkby\nTorsby";
        assertEquals(list, Rewrites.clean(list, "Here are towns:\nKirkby\nTorsby"));
        assertEquals("Here is the rewritten passage:", Rewrites.clean("Here is the rewritten passage:", SHORT));
    }

    @Test
    void scriptsWithoutCapitalsOrSpacesAreMeasuredToo() {
        String passage = "雷克兰之锚是一部一九八七年的电影，".repeat(20);
        assertTrue(fault("一部电影。", passage).isPresent());
        assertEquals(Optional.empty(), fault("这部电影名为雷克兰之锚，".repeat(15), passage));
    }

    private static Optional<String> fault(String text, String passage) {
        return Rewrites.fault(Rewrites.clean(text, passage), passage, PROMPT);
    }
}
