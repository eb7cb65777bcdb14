package dev.prag.cli.model;

import dev.prag.base.UserException;
import dev.prag.llm.ContentMarks;
import dev.prag.llm.PromptText;
import dev.prag.llm.Tokenizer;
import dev.prag.llm.template.ChatTemplate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a line gives to the model, as ids or text or messages.
 *
 * @param template asked for only where a line has messages: a model without one still takes ids and text
 * @param vocabSize ids are below it
 * @param context most ids that the model takes
 */
record Prompts(Tokenizer tokenizer, Supplier<ChatTemplate> template, int vocabSize, int context) {
    /** Fields that a template may read beside the messages. */
    private static final List<String> VARIABLES =
            List.of("documents", "date_string", "builtin_tools", "custom_tools", "tools_in_user_message");

    private static final List<String> FORMS = List.of("ids", "text", "messages");

    /**
     * The ids that a line stands for.
     *
     * @param chat what the template made of messages; null for ids and text
     */
    record Prompt(int[] ids, String chat) {}

    /**
     * @param generationPrompt whether the assistant's turn is begun where the line doesn't say
     * @throws UserException if the line gives none of ids, text and messages, or several, or ones that can't be taken
     */
    Prompt read(InputLine line, boolean generationPrompt) {
        List<String> given = FORMS.stream().filter(line::has).toList();
        if (given.size() != 1) {
            throw new UserException(
                    given.isEmpty()
                            ? "none of the fields ids, text and messages is given; give one of them"
                            : "the fields " + String.join(" and ", given) + " are given together; give one of them");
        }
        return switch (given.getFirst()) {
            case "ids" -> new Prompt(checked(line.integers("ids").orElseThrow()), null);
            case "text" -> {
                String text = line.text("text").orElseThrow();
                boolean special = line.flag("special", true);
                yield new Prompt(
                        controlTokens(line) ? tokenizer.encode(text, special) : tokenizer.encodeText(text, special),
                        null);
            }
            default -> {
                PromptText chat = chat(
                        line,
                        line.objects("messages").orElseThrow(),
                        line.flag("add_generation_prompt", generationPrompt));
                yield new Prompt(tokenizer.encode(chat), chat.text());
            }
        };
    }

    /** Messages as the template writes them, with the tools and variables of the line. */
    PromptText chat(InputLine line, List<Map<String, Object>> messages, boolean generationPrompt) {
        Map<String, Object> variables = new LinkedHashMap<>();
        for (String name : VARIABLES) {
            if (line.has(name)) {
                variables.put(name, line.value(name));
            }
        }
        variables.putAll(line.object("chat_template_kwargs"));
        List<Map<String, Object>> tools = line.objects("tools").orElse(null);
        return controlTokens(line)
                ? new PromptText(template.get().render(messages, tools, generationPrompt, variables), new int[0])
                : ContentMarks.render(template.get(), tokenizer, messages, tools, generationPrompt, variables);
    }

    /** Whether special tokens written in the line's texts are control tokens. */
    private static boolean controlTokens(InputLine line) {
        return line.flag("control_tokens", false);
    }

    /** The ids, if the model has them all and holds so many. */
    int[] checked(int[] ids) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabSize) {
                String token = tokenizer.known(ids[i]) ? ", the token " + tokenizer.name(ids[i]) + "," : "";
                throw new UserException("field ids: id " + ids[i] + " at position " + i + token
                        + " is not in the vocabulary; this model's ids are 0 to " + (vocabSize - 1));
            }
        }
        return fitting(ids);
    }

    /** The ids, if the context holds so many. */
    int[] fitting(int[] ids) {
        if (ids.length > context) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    ids.length + " ids are more than the context of " + context
                            + " holds; shorten them, or give a larger --context if the model allows it");
        }
        return ids;
    }
}
