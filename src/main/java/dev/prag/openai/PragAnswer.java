package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.prag.answering.Answer;
import dev.prag.answering.Retrieval;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What an answer rests on, as {@link Answer} has it.
 *
 * @param answer the answer alone, within what the model wrote
 * @param trace what was retrieved in which order, and why; left out where it isn't asked for
 */
@RegisterForReflection
@Schema(name = "PragAnswer")
public record PragAnswer(
        String method,
        String answer,
        List<Answer.Used> passages,
        Answer.Timings timings,
        List<String> notes,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<Retrieval> trace) {
    static PragAnswer of(Answer answer) {
        return new PragAnswer(
                answer.method(), answer.answer(), answer.passages(), answer.timings(), answer.notes(), answer.trace());
    }
}
