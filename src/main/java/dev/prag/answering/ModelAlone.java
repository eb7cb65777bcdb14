package dev.prag.answering;

import dev.prag.base.UserException;
import dev.prag.generation.Finish;
import dev.prag.generation.GenerationRequest;
import dev.prag.llm.LanguageModel;
import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The model without any document and without the recipe's prompts: it goes on with what it is given. */
@Singleton
public final class ModelAlone {
    private final ModelRuntime runtime;

    @Inject
    ModelAlone(ModelRuntime runtime) {
        this.runtime = runtime;
    }

    /**
     * The next turn of a chat.
     *
     * @param maxTokens bound on it; null is what the context has room for
     * @throws UserException if the chat template refuses the messages, or they are longer than the context
     */
    public Answer chat(
            List<Map<String, Object>> messages, Integer maxTokens, Writing writing, AnswerListener listener) {
        return write(asked(messages), runtime.languageModel().chatIds(messages, true), maxTokens, writing, listener);
    }

    /** What a text goes on with; it is taken as text, whatever control tokens are spelt in it. */
    public Answer complete(String text, Integer maxTokens, Writing writing, AnswerListener listener) {
        LanguageModel model = runtime.languageModel();
        return write(text, model.tokenizer().encodeText(text, true), maxTokens, writing, listener);
    }

    /** What the user said last. */
    private static String asked(List<Map<String, Object>> messages) {
        return messages.reversed().stream()
                .filter(message -> "user".equals(message.get("role")))
                .map(message -> message.get("content").toString())
                .findFirst()
                .orElse("");
    }

    private Answer write(String question, int[] prompt, Integer maxTokens, Writing writing, AnswerListener listener) {
        long start = System.nanoTime();
        int room = Math.max(1, runtime.context() - prompt.length);
        int most = maxTokens == null ? room : maxTokens;
        TextWriter.Written written = TextWriter.write(
                runtime.engine(), writing.apply(GenerationRequest.greedy(prompt, most)), listener, new Ending(null));
        int tokens = written.result().ids().length;
        boolean cut = written.result().finish() == Finish.LENGTH;
        return new Answer(
                question,
                written.result().text(),
                Methods.CLOSED_BOOK,
                written.result().text(),
                written.result().finish().name().toLowerCase(Locale.ROOT),
                prompt.length,
                tokens,
                List.of(),
                new Answer.Timings(
                        0,
                        0,
                        AnswerSession.millis(written.firstNanos()),
                        AnswerSession.millis(written.nanos()),
                        AnswerSession.millis(System.nanoTime() - start)),
                cut ? List.of(AnswerSession.cut(tokens, most)) : List.of());
    }
}
