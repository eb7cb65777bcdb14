package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.llm.LanguageModel;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A named set of prompts, a JSON resource: how a model is asked for rewrites, for question/answer pairs and for
 * answers, and what a training sample looks like. One set serves augmentation, training and all methods of answering,
 * so that they differ in nothing but the method.
 *
 * @param name the resource's name, such as {@code demo}
 * @param rewrite asks for the passage in other words; holds {@code {passage}}
 * @param pairs asks for questions with answers, as JSON; holds {@code {passage}}
 * @param passage one passage within an answer prompt; holds {@code {number}} (from 1) and {@code {passage}}
 * @param direct where the answer is wanted at once
 * @param steps where the model should reason first
 * @param answerMarkers an answer is what follows the last of these, whatever their case
 */
@RegisterForReflection
public record PromptSet(
        String name,
        String rewrite,
        String pairs,
        String passage,
        Style direct,
        Style steps,
        List<String> answerMarkers) {
    /**
     * One way of asking.
     *
     * @param withPassages the user's turn; holds {@code {passages}} and {@code {question}}
     * @param withoutPassages the user's turn where no passages are given; holds {@code {question}}
     * @param start how the assistant's turn begins; the model continues it
     * @param sample the assistant's whole turn in training; holds {@code {answer}}, may hold {@code {fullAnswer}}
     */
    @RegisterForReflection
    public record Style(
            @JsonProperty(required = true) String withPassages,
            @JsonProperty(required = true) String withoutPassages,
            @JsonProperty(required = true) String start,
            @JsonProperty(required = true) String sample) {}

    /** The sets that come with the program. */
    public static final List<String> NAMES = List.of("demo", "instruct");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)\\}");

    public PromptSet {
        answerMarkers = List.copyOf(answerMarkers);
    }

    /**
     * The set of that name.
     *
     * @throws UserException if there is none
     */
    public static PromptSet named(String name) {
        if (!NAMES.contains(name)) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "prompt set " + name + ": there is none of that name; choose one of " + String.join(", ", NAMES));
        }
        try (InputStream in = PromptSet.class.getResourceAsStream("/prompts/" + name + ".json")) {
            return JSON.readValue(in, Stored.class).named(name);
        } catch (IOException e) {
            throw new IllegalStateException("prompt set " + name, e);
        }
    }

    /** The file's fields: the name is the file's. */
    @RegisterForReflection
    private record Stored(
            @JsonProperty(required = true) String rewrite,
            @JsonProperty(required = true) String pairs,
            @JsonProperty(required = true) String passage,
            @JsonProperty(required = true) Style direct,
            @JsonProperty(required = true) Style steps,
            @JsonProperty(required = true) List<String> answerMarkers) {
        PromptSet named(String name) {
            return new PromptSet(name, rewrite, pairs, passage, direct, steps, answerMarkers);
        }
    }

    /** SHA-256 of the wording: a set that was reworded makes other adapters. */
    public String hash() {
        try {
            return Hashes.sha256(JSON.writeValueAsString(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("prompt set " + name, e);
        }
    }

    public Style style(boolean inSteps) {
        return inSteps ? steps : direct;
    }

    /** The user's turn that asks for the passage in other words. */
    public String rewritePrompt(String text) {
        return fill(rewrite, Map.of("passage", text));
    }

    /** The user's turn that asks for question/answer pairs. */
    public String pairsPrompt(String text) {
        return fill(pairs, Map.of("passage", text));
    }

    /** The user's turn that asks a question, below the passages if there are any. */
    public String answerPrompt(List<String> passages, String question, boolean inSteps) {
        Style style = style(inSteps);
        if (passages.isEmpty()) {
            return fill(style.withoutPassages(), Map.of("question", question));
        }
        StringBuilder rendered = new StringBuilder();
        for (int i = 0; i < passages.size(); i++) {
            rendered.append(fill(passage, Map.of("number", String.valueOf(i + 1), "passage", passages.get(i))));
        }
        return fill(style.withPassages(), Map.of("passages", rendered.toString(), "question", question));
    }

    /** The chat that {@link #answerPrompt} opens: one user turn. */
    public List<Map<String, Object>> answer(List<String> passages, String question, boolean inSteps) {
        return List.of(turn("user", answerPrompt(passages, question, inSteps)));
    }

    /** How the assistant's turn begins; {@link #answerIds} ends in it. */
    public String start(boolean inSteps) {
        return style(inSteps).start();
    }

    /** What the assistant's turn goes on with after its {@link #start}, where it gives this answer and reasons by it. */
    public String answerText(String answer, boolean inSteps) {
        return fill(style(inSteps).sample(), Map.of("answer", answer, "fullAnswer", answer))
                .substring(start(inSteps).length());
    }

    /** Ids of the chat of {@link #answer} up to and with the beginning of the assistant's turn. */
    public int[] answerIds(LanguageModel model, List<String> passages, String question, boolean inSteps) {
        return answerIds(model, answer(passages, question, inSteps), inSteps);
    }

    /** Ids of a chat up to and with the beginning of the assistant's next turn. */
    public int[] answerIds(LanguageModel model, List<Map<String, Object>> turns, boolean inSteps) {
        int[] chat = model.chatIds(turns, true);
        int[] start = model.tokenizer().encodeText(start(inSteps), false);
        int[] ids = Arrays.copyOf(chat, chat.length + start.length);
        System.arraycopy(start, 0, ids, chat.length, start.length);
        return ids;
    }

    /** The chat of one training sample: the question below the passages, if any, and the assistant's whole turn. */
    public List<Map<String, Object>> sample(List<String> passages, Pair pair, boolean inSteps) {
        List<Map<String, Object>> chat = new ArrayList<>(answer(passages, pair.question(), inSteps));
        Map<String, String> values = Map.of("answer", pair.answer(), "fullAnswer", pair.fullAnswer());
        chat.add(turn("assistant", fill(style(inSteps).sample(), values)));
        return chat;
    }

    /**
     * The answer within what a model wrote: what follows the last marker, or all of it, up to the end of the line and
     * without the final full stop.
     *
     * @param text the assistant's turn, with or without its beginning
     */
    public String extractAnswer(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int from = 0;
        for (String marker : answerMarkers) {
            int at = lower.lastIndexOf(marker.toLowerCase(Locale.ROOT));
            if (at >= 0) {
                from = Math.max(from, at + marker.length());
            }
        }
        String answer = text.substring(from).strip();
        if (answer.startsWith(":")) {
            answer = answer.substring(1).strip();
        }
        int line = answer.indexOf('\n');
        if (line >= 0) {
            answer = answer.substring(0, line).strip();
        }
        return answer.endsWith(".") ? answer.substring(0, answer.length() - 1).strip() : answer;
    }

    private static Map<String, Object> turn(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    /** Fills in all placeholders at once: braces within a value stay as they are. */
    static String fill(String template, Map<String, String> values) {
        return PLACEHOLDER
                .matcher(template)
                .replaceAll(match -> Matcher.quoteReplacement(values.getOrDefault(match.group(1), match.group())));
    }
}
