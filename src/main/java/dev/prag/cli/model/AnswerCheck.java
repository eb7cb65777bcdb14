package dev.prag.cli.model;

import dev.prag.generation.EngineSettings;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.llm.LanguageModel;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Has a model answer a question from a sentence that says it, and tells whether that is an answer at all. */
final class AnswerCheck {
    private static final String CHECK = "answer";
    private static final String QUESTION = "The name of the cat is Bruno. What is the name of the cat?";
    private static final String EXPECTED = "bruno";
    private static final int TOKENS = 48;

    /** A token so many times in a row is no answer to this question. */
    private static final int REPEATED = 6;

    private AnswerCheck() {}

    /** @param model with its weights on a device */
    static Finding of(LanguageModel model) {
        int[] prompt = model.chatIds(List.of(Map.of("role", "user", "content", QUESTION)), true);
        EngineSettings settings = EngineSettings.of(Math.min(model.decoder().context(), prompt.length + TOKENS + 1), 1);
        try (GenerationEngine engine = new GenerationEngine(model, settings)) {
            GenerationResult result = engine.generate(GenerationRequest.greedy(prompt, TOKENS));
            return judge(result);
        }
    }

    static Finding judge(GenerationResult result) {
        String said = result.text().strip().replace("\n", "\\n");
        String shown = said.length() > 80 ? said.substring(0, 80) + "…" : said;
        String damaged = "use another file of the model, or the folder of its publisher;"
                + " --dtype f32 tells whether the type of the products is at fault";
        for (float logprob : result.logprobs()) {
            if (!Float.isFinite(logprob)) {
                return Finding.fault(CHECK, "its probabilities are no numbers: the weights are damaged", damaged);
            }
        }
        if (longestRun(result.ids()) >= REPEATED) {
            return Finding.fault(CHECK, "it says the same again and again: \"" + shown + "\"", damaged);
        }
        if (said.isEmpty()) {
            return Finding.fault(
                    CHECK, "it says nothing", "use a model that was made for chats (\"instruct\" in its name)");
        }
        if (!said.toLowerCase(Locale.ROOT).contains(EXPECTED)) {
            return Finding.warning(
                    CHECK,
                    "asked for a name that the sentence before says, it answers \"" + shown + "\"",
                    "expect little of its answers; use a larger model, made for chats");
        }
        return Finding.ok(CHECK, "asked for a name that the sentence before says, it answers \"" + shown + "\"");
    }

    private static int longestRun(int[] ids) {
        int longest = 0;
        int run = 0;
        for (int i = 0; i < ids.length; i++) {
            run = i > 0 && ids[i] == ids[i - 1] ? run + 1 : 1;
            longest = Math.max(longest, run);
        }
        return longest;
    }
}
