package dev.prag.answering;

import dev.prag.augmentation.PromptSet;
import dev.prag.base.UserException;
import dev.prag.llm.LanguageModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A prompt with those of the passages that fit into the context, beside the question and room for the answer. They are
 * taken by rank; one that is too long is passed over, and shorter ones behind it still get in.
 *
 * @param ids tokens of the prompt
 * @param left what was passed over, and why
 */
record FittedPrompt(int[] ids, List<LeftOut> left) {
    /** A passage that isn't in the prompt; the reason is the end of a sentence. */
    record LeftOut(Retrieved passage, String reason) {}

    /**
     * Makes the prompt.
     *
     * @param chat the turns around the question, which are never left out
     * @param context tokens that prompt and answer may have together
     * @param maxTokens bound on the answer; what the question leaves of the context is kept for it, up to a half
     * @throws UserException if the question alone is too long
     */
    static FittedPrompt of(
            PromptSet prompts,
            LanguageModel model,
            Chat chat,
            String question,
            boolean inSteps,
            List<Retrieved> passages,
            int context,
            int maxTokens) {
        Maker maker = new Maker(prompts, model, chat, question, inSteps);
        int[] alone = maker.ids(List.of());
        if (alone.length >= context) {
            boolean shown = prompts.shown(inSteps) > 0;
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    String.format(
                            Locale.ROOT,
                            "the question%s%s takes %d tokens and the context holds %d, of which at least one is for the"
                                    + " answer: shorten the question, %sor start with a larger --context",
                            chat == Chat.NONE ? "" : " with the chat around it",
                            shown ? " with the examples of the prompt set" : "",
                            alone.length,
                            context,
                            shown ? "give the prompt set fewer shots, " : ""));
        }
        if (passages.isEmpty()) {
            return new FittedPrompt(alone, List.of());
        }
        int room = context - Math.min(maxTokens, Math.ceilDiv(context - alone.length, 2));
        int[] all = maker.ids(passages);
        if (all.length <= room) {
            return new FittedPrompt(all, List.of());
        }
        int[] best = alone;
        List<Retrieved> in = new ArrayList<>();
        List<LeftOut> left = new ArrayList<>();
        for (Retrieved passage : passages) {
            in.add(passage);
            int[] ids = maker.ids(in);
            if (ids.length <= room) {
                best = ids;
            } else {
                in.removeLast();
                left.add(new LeftOut(
                        passage,
                        String.format(
                                Locale.ROOT,
                                "with it the prompt would have %d tokens, and beside the answer the context of %d has"
                                        + " room for %d",
                                ids.length,
                                context,
                                room)));
            }
        }
        return new FittedPrompt(best, left);
    }

    private record Maker(PromptSet prompts, LanguageModel model, Chat chat, String question, boolean inSteps) {
        int[] ids(List<Retrieved> passages) {
            List<String> texts = passages.stream().map(Retrieved::inPrompt).toList();
            return prompts.answerIds(model, chat.around(prompts.answer(texts, question, inSteps)), inSteps);
        }
    }
}
