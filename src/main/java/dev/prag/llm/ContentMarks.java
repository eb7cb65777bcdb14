package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.llm.template.ChatTemplate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Renders chat templates so that special tokens written in what they are given stay text, as transformers'
 * {@code split_special_tokens} does for a whole text. Before rendering, a character that occurs nowhere in it is put
 * into each special token that the content spells; afterwards it is taken out, and where it stood no control token is
 * looked for. Content that spells none goes through the template as it is.
 */
public final class ContentMarks {
    private final Tokenizer tokenizer;
    private final char mark;

    private ContentMarks(Tokenizer tokenizer, char mark) {
        this.tokenizer = tokenizer;
        this.mark = mark;
    }

    /**
     * The prompt that a template makes.
     *
     * @param messages as {@link ChatTemplate#render} takes them, as are the rest
     * @throws dev.prag.llm.template.TemplateException if the template doesn't take them
     */
    public static PromptText render(
            ChatTemplate template,
            Tokenizer tokenizer,
            List<? extends Map<String, ?>> messages,
            List<?> tools,
            boolean addGenerationPrompt,
            Map<String, ?> variables) {
        List<Object> given = Stream.of(messages, tools == null ? List.of() : tools, variables)
                .map(Object.class::cast)
                .toList();
        if (!any(given, tokenizer::spellsControlToken)) {
            return PromptText.of(template.render(messages, tools, addGenerationPrompt, variables));
        }
        ContentMarks marks = new ContentMarks(tokenizer, unused(given));
        String rendered = template.render(messages, tools, addGenerationPrompt, variables, marks::marked);
        return PromptText.unmarked(rendered, marks.mark);
    }

    private static boolean any(Object value, Predicate<String> holds) {
        if (value instanceof CharSequence text) {
            return holds.test(text.toString());
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream().anyMatch(e -> any(e.getKey(), holds) || any(e.getValue(), holds));
        }
        return value instanceof Collection<?> items && items.stream().anyMatch(item -> any(item, holds));
    }

    /** A noncharacter that the content lacks, else one for private use. */
    private static char unused(List<Object> given) {
        return (char) IntStream.concat(IntStream.rangeClosed(0xFDD0, 0xFDEF), IntStream.rangeClosed(0xE000, 0xF8FF))
                .filter(c -> !any(given, text -> text.indexOf(c) >= 0))
                .findFirst()
                .orElseThrow(() -> new UserException("the messages hold a special token and every character that could"
                        + " keep it apart (U+E000 to U+F8FF and U+FDD0 to U+FDEF); leave one of them out"));
    }

    /** The text with a mark at each place where {@link Tokenizer#breaks} wants one. */
    private String marked(String text) {
        int[] breaks = tokenizer.breaks(text);
        StringBuilder marked = new StringBuilder(text.length() + breaks.length);
        int done = 0;
        for (int at : breaks) {
            marked.append(text, done, at).append(mark);
            done = at;
        }
        marked.append(text, done, text.length());
        return marked.toString();
    }
}
