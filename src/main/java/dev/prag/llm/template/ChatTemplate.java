package dev.prag.llm.template;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;

/**
 * A model's chat template, the Jinja text that turns messages into the prompt the model was trained on, rendered as
 * Hugging Face's {@code apply_chat_template} renders it. Parsed once; immutable, and safe for many threads.
 */
public final class ChatTemplate {
    /** What {@code strftime_now} tells unless {@link #at} says otherwise: the day the LLaMA 3 templates fall back to. */
    public static final LocalDateTime DEFAULT_TIME = LocalDateTime.of(2024, 7, 26, 0, 0);

    private ChatTemplate() {}

    /**
     * @param jinja the template's text
     * @param specialTokens {@code bos_token}, {@code eos_token} and so on, as text; those whose value is null are left
     *     undefined
     * @throws TemplateException naming the line and what isn't understood there
     */
    public static ChatTemplate parse(String jinja, Map<String, ?> specialTokens) {
        throw new TemplateException("not yet");
    }

    /** The same template at a fixed time, so that an adapter sees the same prompt on every day. */
    public ChatTemplate at(LocalDateTime time) {
        return this;
    }

    /**
     * The prompt's text.
     *
     * @param messages each with {@code role} and {@code content}, and whatever else the template reads; JSON values
     *     (maps, lists, strings, numbers, booleans, null)
     * @param tools descriptions of functions; null for none
     * @param addGenerationPrompt whether the assistant's turn is begun
     * @param variables further variables, such as {@code date_string} or {@code documents}; they win over special tokens
     * @throws TemplateException what went wrong at which line, and what the template itself raises
     */
    public String render(
            List<? extends Map<String, ?>> messages,
            List<?> tools,
            boolean addGenerationPrompt,
            Map<String, ?> variables) {
        throw new TemplateException("not yet");
    }

    /** The prompt's text without tools and further variables. */
    public String render(List<? extends Map<String, ?>> messages, boolean addGenerationPrompt) {
        return render(messages, null, addGenerationPrompt, Map.of());
    }
}
