package dev.prag.openai;

import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.base.UserException;
import dev.prag.rest.FieldException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * How a question is answered from documents: fields of {@link AnswerRequest}, all of which may be left out.
 *
 * @param method instead of the one that the model's id names
 * @param trace whether the answer tells of its retrievals
 */
@RegisterForReflection
@Schema(name = "PragOptions")
public record PragOptions(
        String method,
        Integer topK,
        String weights,
        Double strength,
        String scope,
        Double scoreTemperature,
        Double cutOff,
        Map<String, Object> filter,
        Integer maxTokens,
        Boolean trace) {
    private static final String FIELD = "prag";
    /** A bound that no context reaches. */
    private static final int MOST_TOKENS = 100_000;

    /** Everything as the recipe has it. */
    static final PragOptions NONE = new PragOptions(null, null, null, null, null, null, null, null, null, null);

    /** The options given; null is none. */
    static PragOptions of(PragOptions given) {
        return given == null ? NONE : given;
    }

    /**
     * The method that is asked for.
     *
     * @param byModel the one that the model's id names; null is the model alone
     * @throws FieldException if it is unknown
     */
    String methodOr(String byModel, AnswerService answers) {
        if (method == null) {
            return byModel;
        }
        try {
            return answers.requireMethod(method).name();
        } catch (UserException e) {
            throw new FieldException(e.kind(), FIELD + ": " + e.getMessage(), FIELD + ".method", null, e);
        }
    }

    /** The bound on the answer: what OpenAI's fields say, else this. */
    Integer bound(Integer most) {
        if (most == null && maxTokens != null && maxTokens < 1) {
            throw new FieldException(FIELD + ".maxTokens is " + maxTokens + "; give 1 or more", FIELD + ".maxTokens");
        }
        return most == null ? maxTokens : most;
    }

    /**
     * The request for a question.
     *
     * @param most tokens of the answer; may be null
     * @throws FieldException if an option is none
     */
    AnswerRequest request(String question, String byMethod, Integer most) {
        try {
            return new AnswerRequest(
                    question,
                    byMethod,
                    topK,
                    weights,
                    most == null ? maxTokens : Integer.valueOf(Math.min(most, MOST_TOKENS)),
                    null,
                    null,
                    filter,
                    strength,
                    scope,
                    scoreTemperature,
                    cutOff,
                    trace);
        } catch (UserException e) {
            throw new FieldException(e.kind(), FIELD + ": " + e.getMessage(), FIELD, null, e);
        }
    }
}
