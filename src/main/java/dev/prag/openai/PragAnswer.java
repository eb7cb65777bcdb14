package dev.prag.openai;

import dev.prag.answering.Answer;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What an answer rests on, as {@link Answer} has it.
 *
 * @param answer the answer alone, within what the model wrote
 */
@RegisterForReflection
@Schema(name = "PragAnswer")
public record PragAnswer(
        String method, String answer, List<Answer.Used> passages, Answer.Timings timings, List<String> notes) {
    static PragAnswer of(Answer answer) {
        return new PragAnswer(answer.method(), answer.answer(), answer.passages(), answer.timings(), answer.notes());
    }
}
