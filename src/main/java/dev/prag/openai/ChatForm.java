package dev.prag.openai;

import dev.prag.answering.Answer;
import java.util.List;
import java.util.Optional;

/**
 * A turn of a chat.
 *
 * @param tape null where no log-probabilities are wanted
 */
record ChatForm(Exchange.Heading heading, TokenTape tape, boolean usage) implements Form {
    private static final String ASSISTANT = "assistant";

    @Override
    public Object whole(Answer answer, String text, List<TokenTape.Entry> tokens) {
        ChatCompletion.Turn turn = new ChatCompletion.Turn(ASSISTANT, text, null);
        return completion(
                "chat.completion",
                List.of(new ChatCompletion.Choice(0, turn, null, logprobs(tokens), answer.finish())),
                Usage.of(answer),
                PragAnswer.of(answer));
    }

    @Override
    public List<Object> first() {
        return List.of(chunk(new ChatCompletion.Delta(ASSISTANT, ""), null, null, null));
    }

    @Override
    public Object next(String text, List<TokenTape.Entry> tokens) {
        return chunk(new ChatCompletion.Delta(null, text), logprobs(tokens), null, null);
    }

    @Override
    public List<Object> last(Answer answer) {
        Object end = chunk(new ChatCompletion.Delta(null, null), null, answer.finish(), PragAnswer.of(answer));
        return usage
                ? List.of(end, completion("chat.completion.chunk", List.of(), Usage.of(answer), null))
                : List.of(end);
    }

    private Object chunk(ChatCompletion.Delta delta, TokenLogprobs logprobs, String finish, PragAnswer prag) {
        return completion(
                "chat.completion.chunk",
                List.of(new ChatCompletion.Choice(0, null, delta, logprobs, finish)),
                null,
                prag);
    }

    private ChatCompletion completion(String object, List<ChatCompletion.Choice> choices, Usage used, PragAnswer prag) {
        return new ChatCompletion(
                heading.id(), object, heading.created(), heading.model(), heading.fingerprint(), choices, used, prag);
    }

    private TokenLogprobs logprobs(List<TokenTape.Entry> tokens) {
        return Optional.ofNullable(tape).map(names -> names.chat(tokens)).orElse(null);
    }
}
