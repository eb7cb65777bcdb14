package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * How a prompt set asks for questions one by one, a JSON resource beside the set's own. Examples come first, then the
 * passage, then what differs from question to question, so that the engine computes the rest only once. A passage's
 * wording is {@code {subject}} (title and headings) and {@code {passage}}; {@code {sentence}} is one of its sentences.
 *
 * @param fact asks for the question of an answer; holds {@code {answer}}, too
 * @param statement asks for a question that a sentence answers, as {@code why} and {@code how} do
 * @param compare asks for a question about the passage, as {@code list} and {@code summary} do
 * @param question how the line with the question begins
 * @param answer asks for an answer as a sentence; holds {@code {question}}
 * @param fullAnswer how the line with it begins
 * @param paraphrase asks for a question in other words; holds {@code {question}}
 * @param otherWords how the line with it begins
 */
@RegisterForReflection
record QuestionPrompts(
        @JsonProperty(required = true) String fact,
        @JsonProperty(required = true) String statement,
        @JsonProperty(required = true) String why,
        @JsonProperty(required = true) String how,
        @JsonProperty(required = true) String compare,
        @JsonProperty(required = true) String list,
        @JsonProperty(required = true) String summary,
        @JsonProperty(required = true) String question,
        @JsonProperty(required = true) String answer,
        @JsonProperty(required = true) String fullAnswer,
        @JsonProperty(required = true) String paraphrase,
        @JsonProperty(required = true) String otherWords) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    /** Where a document has neither title nor headings. */
    private static final String UNTITLED = "untitled";

    /**
     * Those of a prompt set.
     *
     * @throws UserException if it has none
     */
    static QuestionPrompts of(String set) {
        try (InputStream in = QuestionPrompts.class.getResourceAsStream("/prompts/" + set + "-questions.json")) {
            if (in == null) {
                throw new UserException("recipe: questions are asked for one by one, for which the prompt set " + set
                        + " has no prompts; name the set instruct, or leave augmentation.questions out");
            }
            return JSON.readValue(in, QuestionPrompts.class);
        } catch (IOException e) {
            throw new IllegalStateException("prompts for questions of the set " + set, e);
        }
    }

    /** SHA-256 of the wording. */
    String hash() {
        try {
            return Hashes.sha256(JSON.writeValueAsString(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("prompts for questions", e);
        }
    }

    /** The wording by which questions of that kind are asked for, not filled in. */
    String template(QuestionKind kind) {
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

    /** The user's turn that asks for a question. */
    String askFor(Topic topic, Augmentable passage) {
        return PromptSet.fill(
                template(topic.kind()),
                Map.of(
                        "subject", subject(passage),
                        "passage", passage.text(),
                        "sentence", topic.sentence(),
                        "answer", topic.answer()));
    }

    /** The user's turn that asks for an answer as a sentence. */
    String fullAnswerTo(String asked, Augmentable passage) {
        return PromptSet.fill(
                answer, Map.of("subject", subject(passage), "passage", passage.text(), "question", asked));
    }

    /** The user's turn that asks for a question in other words. */
    String inOtherWords(String asked) {
        return PromptSet.fill(paraphrase, Map.of("question", asked));
    }

    private static String subject(Augmentable passage) {
        return passage.subject().isBlank() ? UNTITLED : passage.subject();
    }
}
