package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.llm.LanguageModel;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A set of prompts, a JSON resource or a file (see {@link Prompts}): how a model is asked for rewrites, for question/answer pairs and for
 * answers, and what a training sample looks like. One set serves augmentation, training and all methods of answering,
 * so that they differ in nothing but the method.
 *
 * @param name the resource's name, such as {@code demo}; {@link #OWN} for a file's
 * @param rewrite asks for the passage in other words; holds {@code {passage}}
 * @param pairs asks for questions with answers, as JSON; holds {@code {passage}}
 * @param passage one passage within an answer prompt; holds {@code {number}} (from 1) and {@code {passage}}
 * @param direct where the answer is wanted at once
 * @param steps where the model should reason first
 * @param answerMarkers an answer is what follows the last of these, whatever their case
 * @param shots worked examples for the styles that show them; null for none
 * @param questionMark whether a question that doesn't end in a question mark gets one; null is not
 */
@RegisterForReflection
public record PromptSet(
        String name,
        String rewrite,
        String pairs,
        String passage,
        Style direct,
        Style steps,
        List<String> answerMarkers,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<Shot> shots,
        @JsonInclude(JsonInclude.Include.NON_NULL) Boolean questionMark) {
    /**
     * One way of asking.
     *
     * @param withPassages the user's turn; holds {@code {passages}} and {@code {question}}, and {@code {shots}} where
     *     the examples stand
     * @param withoutPassages the user's turn where no passages are given; holds {@code {question}}, and {@code {shots}}
     * @param start how the assistant's turn begins; the model continues it
     * @param sample the assistant's whole turn in training; holds {@code {answer}}, may hold {@code {fullAnswer}}
     * @param shot one example within {@code {shots}}: holds {@code {question}}, {@code {answer}} or
     *     {@code {fullAnswer}}, may hold {@code {passages}}; null for none there
     * @param shotTurns whether the examples are turns of their own before the user's; null is not
     */
    @RegisterForReflection
    public record Style(
            @JsonProperty(required = true) String withPassages,
            @JsonProperty(required = true) String withoutPassages,
            @JsonProperty(required = true) String start,
            @JsonProperty(required = true) String sample,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
            String shot,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
            Boolean shotTurns) {
        public Style {
            // One spelling of what is off, for the hash.
            shotTurns = Boolean.TRUE.equals(shotTurns) ? shotTurns : null;
        }
    }

    /** The sets that come with the program. */
    public static final List<String> NAMES = List.of("demo", "instruct");

    /** The name of every set that doesn't come with the program. */
    static final String OWN = "own";

    static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)\\}");

    private static final JsonMapper JSON = new JsonMapper();

    public PromptSet {
        answerMarkers = List.copyOf(answerMarkers);
        shots = shots == null || shots.isEmpty() ? null : List.copyOf(shots);
        questionMark = Boolean.TRUE.equals(questionMark) ? questionMark : null;
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
        return PromptFile.shipped(name);
    }

    /** The same words under another name. */
    PromptSet called(String other) {
        return new PromptSet(other, rewrite, pairs, passage, direct, steps, answerMarkers, shots, questionMark);
    }

    /** Whether it comes with the program. */
    public boolean comesWithTheProgram() {
        return NAMES.contains(name);
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
        Map<String, String> values = new HashMap<>(Map.of("question", asked(question)));
        if (style.shot() != null) {
            values.put("shots", block(style.shot()));
        }
        if (passages.isEmpty()) {
            return fill(style.withoutPassages(), values);
        }
        values.put("passages", rendered(passages));
        return fill(style.withPassages(), values);
    }

    private String rendered(List<String> passages) {
        StringBuilder rendered = new StringBuilder();
        for (int i = 0; i < passages.size(); i++) {
            rendered.append(fill(passage, Map.of("number", String.valueOf(i + 1), "passage", passages.get(i))));
        }
        return rendered.toString();
    }

    /** All examples, as they stand in the user's turn. */
    private String block(String wording) {
        StringBuilder block = new StringBuilder();
        for (Shot shot : shots) {
            Pair pair = shot.pair();
            block.append(fill(
                    wording,
                    Map.of(
                            "question", pair.question(),
                            "answer", pair.answer(),
                            "fullAnswer", pair.fullAnswer(),
                            "passages", rendered(shot.passages()))));
        }
        return block.toString();
    }

    private String asked(String question) {
        if (questionMark == null) {
            return question;
        }
        String bare = question.strip();
        return bare.endsWith("?") ? bare.substring(0, bare.length() - 1).strip() + "?" : bare + "?";
    }

    /** How many examples a prompt shows. */
    public int shown(boolean inSteps) {
        Style style = style(inSteps);
        return shots == null || style.shot() == null && style.shotTurns() == null ? 0 : shots.size();
    }

    /**
     * The chat that {@link #answerPrompt} opens: one user turn, below the examples that are turns of their own (a user's
     * and an assistant's each).
     */
    public List<Map<String, Object>> answer(List<String> passages, String question, boolean inSteps) {
        List<Map<String, Object>> chat = new ArrayList<>();
        if (style(inSteps).shotTurns() != null) {
            for (Shot shot : shots) {
                chat.add(turn("user", answerPrompt(shot.passages(), shot.question(), inSteps)));
                chat.add(assistant(shot.pair(), inSteps));
            }
        }
        chat.add(turn("user", answerPrompt(passages, question, inSteps)));
        return chat;
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
        int[] start = model.tokenizer().encodeFollowing(start(inSteps));
        int[] ids = Arrays.copyOf(chat, chat.length + start.length);
        System.arraycopy(start, 0, ids, chat.length, start.length);
        return ids;
    }

    /** The chat of one training sample: the question below the passages, if any, and the assistant's whole turn. */
    public List<Map<String, Object>> sample(List<String> passages, Pair pair, boolean inSteps) {
        List<Map<String, Object>> chat = new ArrayList<>(answer(passages, pair.question(), inSteps));
        chat.add(assistant(pair, inSteps));
        return chat;
    }

    private Map<String, Object> assistant(Pair pair, boolean inSteps) {
        Map<String, String> values = Map.of("answer", pair.answer(), "fullAnswer", pair.fullAnswer());
        return turn("assistant", fill(style(inSteps).sample(), values));
    }

    /**
     * The answer within what a model wrote: what follows the last marker, or all of it, up to the end of the line and
     * without the final full stop.
     *
     * @param text the assistant's turn, with or without its beginning
     */
    public String extractAnswer(String text) {
        return Extraction.DEFAULT.of("", text, answerMarkers);
    }

    /**
     * The answer within what a model wrote.
     *
     * @param text without the beginning of the assistant's turn
     */
    public String extractAnswer(String text, boolean inSteps, Extraction how) {
        return how.of(start(inSteps), text, answerMarkers);
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
