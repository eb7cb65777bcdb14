package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReasoningTest {
    private static final String PASSAGE = "Mira Holt was born in Kirkby.";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Kirkby is it.",
                "<think>\nHm.\n</think>\n\nKirkby is it.",
                "  <think></think>Kirkby is it.",
                "<THINK>Hm.</Think> Kirkby is it.",
                "<thinking budget=\"9\">Hm.</thinking>Kirkby is it.",
                "<reasoning>Hm.</reasoning>\nKirkby is it.",
                "<seed:think>Hm.</seed:think>Kirkby is it.",
                "[THINK]Hm.[/THINK]Kirkby is it.",
                "<|begin_of_thought|>Hm.<|end_of_thought|>Kirkby is it.",
                "<|START_THINKING|>Hm.<|END_THINKING|>Kirkby is it.",
                "◁think▷Hm.◁/think▷Kirkby is it.",
                "<think>One.</think>\n<think>Two.</think>\nKirkby is it.",
                "<think>Should I write <think>?</think> Two.</think>Kirkby is it.",
                "Hm, the template opened this.\n</think>\nKirkby is it.",
                "Kirkby <think>or not?</think>is it.",
                "Kirkby is it. <think>Or is",
                "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Kirkby is it.<|return|>",
                "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Kirkby is it.",
                "analysisWe need the passage. A final word.assistantfinalKirkby is it.",
            })
    void whatIsLeftIsTheAnswer(String written) {
        assertEquals("Kirkby is it.", Reasoning.cut(written, PASSAGE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<think>Hm. Kirkby is it.",
                "[THINK]Hm.",
                "<think>Hm.</think>",
                "Hm.</think>",
                "<|channel|>analysis<|message|>Hm.",
                "analysisWe need the passage.",
                "",
            })
    void whereItNeverComesToAnAnswerNothingIsLeft(String written) {
        assertEquals("", Reasoning.cut(written, PASSAGE));
    }

    @Test
    void aPassageAboutTheMarksMayBeSaidAgain() {
        String passage = "A model ends its reasoning with </think>.";
        String rewrite = "Models write <think> first and </think> where reasoning ends.";
        assertEquals(rewrite, Reasoning.cut(rewrite, passage));
        assertEquals(rewrite, Reasoning.cut("<think>Hm.</think>\n" + rewrite, passage));
        assertEquals("", Reasoning.cut("<think>Hm.", passage));
    }

    @Test
    void otherMarksAndWordsStay() {
        for (String text : new String[] {"<b>Kirkby</b> [1] is it.", "analysis of Kirkby", "Analysis: it is Kirkby."}) {
            assertEquals(text, Reasoning.cut(text, PASSAGE));
        }
    }
}
