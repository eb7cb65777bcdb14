package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.prag.base.Hashes;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a prompt set asks for questions one by one, a JSON resource beside the set's own, or a field of a file. Worked examples are turns of the
 * chat: small models copy from examples that stand in the same turn as the task. They come first and are the same for all
 * passages, so that the engine computes them once.
 *
 * @param system what the model is told to be
 * @param fact asks for the question of an answer
 * @param statement asks for a question that a sentence answers, as {@code why} and {@code how} do
 * @param compare asks for a question about the passage, as {@code list} and {@code summary} do
 * @param answer asks for an answer as a sentence, in one turn; holds {@code {question}}
 * @param fullAnswer how the line with it begins
 * @param paraphrase asks for a question in other words; holds {@code {question}}
 */
@RegisterForReflection
record QuestionPrompts(
        @JsonProperty(required = true) String system,
        @JsonProperty(required = true) Task fact,
        @JsonProperty(required = true) Task statement,
        @JsonProperty(required = true) Task why,
        @JsonProperty(required = true) Task how,
        @JsonProperty(required = true) Task compare,
        @JsonProperty(required = true) Task list,
        @JsonProperty(required = true) Task summary,
        @JsonProperty(required = true) String answer,
        @JsonProperty(required = true) String fullAnswer,
        @JsonProperty(required = true) Task paraphrase) {
    /**
     * What is asked for, with examples.
     *
     * @param turn the user's turn; may hold {@code {subject}} (title and headings), {@code {passage}},
     *     {@code {sentence}}, {@code {answer}}, {@code {question}}
     */
    @RegisterForReflection
    record Task(
            @JsonProperty(required = true) String turn,
            @JsonProperty(required = true) List<Example> examples) {}

    /**
     * A task that was done.
     *
     * @param sentence of the text; where a question is said in other words, that question
     * @param question what the model wrote
     */
    @RegisterForReflection
    record Example(
            @JsonProperty(required = true) String subject,
            @JsonProperty(required = true) String passage,
            @JsonProperty(required = true) String sentence,
            @JsonProperty(required = true) String answer,
            @JsonProperty(required = true) String question) {}

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    /** Where a document has neither title nor headings. */
    private static final String UNTITLED = "untitled";

    /** Those of a set that comes with the program; null where it has none. */
    static QuestionPrompts shipped(String set) {
        try (InputStream in = QuestionPrompts.class.getResourceAsStream("/prompts/" + set + "-questions.json")) {
            return in == null ? null : JSON.readValue(in, QuestionPrompts.class);
        } catch (IOException e) {
            throw new IllegalStateException("prompts for questions of the set " + set, e);
        }
    }

    /** SHA-256 of the wording. */
    String hash() {
        return Hashes.sha256(json(this));
    }

    /** The wording of a task, for people. */
    static String json(Object wording) {
        try {
            return JSON.writeValueAsString(wording);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("prompts for questions", e);
        }
    }

    /** What asks for questions of that kind. */
    Task task(QuestionKind kind) {
        return switch (kind) {
            case FACT -> fact;
            case STATEMENT -> statement;
            case WHY -> why;
            case HOW -> how;
            case COMPARE -> compare;
            case LIST -> list;
            case SUMMARY -> summary;
        };
    }

    /** The turns before the user's: what the model is told to be, and the examples. */
    List<ChatMessage> examples(Task task) {
        List<ChatMessage> turns = new ArrayList<>();
        turns.add(SystemMessage.from(system));
        for (Example example : task.examples()) {
            turns.add(UserMessage.from(fill(
                    task.turn(),
                    example.subject(),
                    example.passage(),
                    example.sentence(),
                    example.answer(),
                    example.sentence())));
            turns.add(AiMessage.from(example.question()));
        }
        return turns;
    }

    /** The user's turn that asks for a question. */
    String askFor(Topic topic, Augmentable passage) {
        return fill(
                task(topic.kind()).turn(),
                subject(passage),
                passage.text(),
                topic.shownSentence(),
                topic.shownAnswer(),
                "");
    }

    /** The user's turn that asks for an answer as a sentence. */
    String fullAnswerTo(String asked, Augmentable passage) {
        return fill(answer, subject(passage), passage.text(), "", "", asked);
    }

    /** The user's turn that asks for a question in other words. */
    String inOtherWords(String asked, Augmentable passage) {
        return fill(paraphrase.turn(), subject(passage), passage.text(), "", "", asked);
    }

    private static String fill(
            String turn, String subject, String passage, String sentence, String answer, String question) {
        return PromptSet.fill(
                turn,
                Map.of(
                        "subject", subject,
                        "passage", passage,
                        "sentence", sentence,
                        "answer", answer,
                        "question", question));
    }

    private static String subject(Augmentable passage) {
        return passage.subject().isBlank() ? UNTITLED : passage.subject();
    }
}
