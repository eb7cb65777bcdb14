package dev.prag.llm.template;

import dev.prag.llm.template.Node.Statement;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A model's chat template, the Jinja text that turns messages into the prompt the model was trained on, rendered as
 * Hugging Face's {@code apply_chat_template} renders it. Parsed once; immutable, and safe for many threads.
 */
public final class ChatTemplate {
    /** What {@code strftime_now} tells unless {@link #at} says otherwise: the day the LLaMA 3 templates fall back to. */
    public static final LocalDateTime DEFAULT_TIME = LocalDateTime.of(2024, 7, 26, 0, 0);

    private final List<Statement> statements;
    private final Map<String, Object> specialTokens;
    private final LocalDateTime time;

    private ChatTemplate(List<Statement> statements, Map<String, Object> specialTokens, LocalDateTime time) {
        this.statements = statements;
        this.specialTokens = specialTokens;
        this.time = time;
    }

    /**
     * @param jinja the template's text
     * @param specialTokens {@code bos_token}, {@code eos_token} and so on, as text; those whose value is null are left
     *     undefined
     * @throws TemplateException naming the line and what isn't understood there
     */
    public static ChatTemplate parse(String jinja, Map<String, ?> specialTokens) {
        Map<String, Object> tokens = new HashMap<>();
        specialTokens.forEach((name, token) -> {
            if (token != null) {
                tokens.put(name, Values.of(token));
            }
        });
        try {
            return new ChatTemplate(Parser.parse(jinja), tokens, DEFAULT_TIME);
        } catch (StackOverflowError e) {
            throw Budget.tooDeep();
        }
    }

    /** The same template at a fixed time, so that an adapter sees the same prompt on every day. */
    public ChatTemplate at(LocalDateTime fixed) {
        return new ChatTemplate(statements, specialTokens, fixed);
    }

    /**
     * The prompt's text.
     *
     * @param messages each with {@code role} and {@code content}, and whatever else the template reads; JSON values
     *     (maps, lists, strings, numbers, booleans, null)
     * @param tools descriptions of functions; null for none
     * @param addGenerationPrompt whether the assistant's turn is begun
     * @param variables further variables, such as {@code date_string} or {@code documents}; they win over special tokens
     * @throws TemplateException what went wrong at which line, what the template itself raises, and that it takes more
     *     steps or makes longer values than an honest one would
     */
    public String render(
            List<? extends Map<String, ?>> messages,
            List<?> tools,
            boolean addGenerationPrompt,
            Map<String, ?> variables) {
        return render(messages, tools, addGenerationPrompt, variables, UnaryOperator.identity());
    }

    /**
     * The same with every text that the caller gives changed first, the keys of dicts too, and what the template itself
     * writes left as it is.
     */
    public String render(
            List<? extends Map<String, ?>> messages,
            List<?> tools,
            boolean addGenerationPrompt,
            Map<String, ?> variables,
            UnaryOperator<String> given) {
        Scope scope = new Scope(globals());
        specialTokens.forEach(scope::set);
        scope.set("documents", null);
        variables.forEach((name, value) -> scope.set(name, Values.of(value, given)));
        scope.set("messages", Values.of(messages, given));
        scope.set("tools", Values.of(tools, given));
        scope.set("add_generation_prompt", addGenerationPrompt);
        return Budget.within(() -> Interpreter.render(statements, scope));
    }

    /** The prompt's text without tools and further variables. */
    public String render(List<? extends Map<String, ?>> messages, boolean addGenerationPrompt) {
        return render(messages, null, addGenerationPrompt, Map.of());
    }

    private Scope globals() {
        Scope globals = new Scope(null);
        globals.set("raise_exception", (Callable) args -> {
            throw new TemplateException(Values.str(args.bind(1, "message")[0]));
        });
        globals.set("strftime_now", (Callable)
                args -> Formats.time(time, Values.text(args.bind(1, "format")[0], "strftime_now's format")));
        globals.set("namespace", (Callable) args -> new Namespace(dict(args)));
        globals.set("dict", (Callable) ChatTemplate::dict);
        globals.set("range", (Callable) ChatTemplate::range);
        return globals;
    }

    private static Map<Object, Object> dict(Args args) {
        Map<Object, Object> map = new LinkedHashMap<>();
        if (args.positional().size() > 1) {
            throw new TemplateException(args.function() + " expected at most 1 argument");
        }
        for (Object given : args.positional()) {
            if (given instanceof Map<?, ?> other) {
                map.putAll(other);
                continue;
            }
            for (Object pair : Values.list(given)) {
                List<Object> parts = Values.list(pair);
                if (parts.size() != 2) {
                    throw new TemplateException(args.function() + " needs pairs of a key and a value");
                }
                map.put(Operators.key(parts.get(0)), parts.get(1));
            }
        }
        map.putAll(args.named());
        return map;
    }

    private static Object range(Args args) {
        Object[] given = args.bind(1, "start", "stop", "step");
        int first = Values.index(given[0], "range's argument");
        if (!Args.given(given[1])) {
            return new Range(0, first, 1);
        }
        return new Range(
                first,
                Values.index(given[1], "range's argument"),
                Values.index(Args.or(given[2], 1L), "range's argument"));
    }
}
