package dev.prag.openai;

import dev.prag.answering.Answer;
import java.util.List;
import java.util.Optional;

/**
 * What a text goes on with.
 *
 * @param tape null where no log-probabilities are wanted
 */
record TextForm(Exchange.Heading heading, TokenTape tape, boolean usage) implements Form {
    @Override
    public Object whole(Answer answer, String text, List<TokenTape.Entry> tokens) {
        return completion(
                List.of(new TextCompletion.Choice(0, text, logprobs(tokens), answer.finish())),
                Usage.of(answer),
                PragAnswer.of(answer));
    }

    @Override
    public List<Object> first() {
        return List.of();
    }

    @Override
    public Object next(String text, List<TokenTape.Entry> tokens) {
        return completion(List.of(new TextCompletion.Choice(0, text, logprobs(tokens), null)), null, null);
    }

    @Override
    public List<Object> last(Answer answer) {
        Object end = completion(
                List.of(new TextCompletion.Choice(0, "", null, answer.finish())), null, PragAnswer.of(answer));
        return usage ? List.of(end, completion(List.of(), Usage.of(answer), null)) : List.of(end);
    }

    private TextCompletion completion(List<TextCompletion.Choice> choices, Usage used, PragAnswer prag) {
        return new TextCompletion(
                heading.id(),
                "text_completion",
                heading.created(),
                heading.model(),
                heading.fingerprint(),
                choices,
                used,
                prag);
    }

    private TextCompletion.Logprobs logprobs(List<TokenTape.Entry> tokens) {
        return Optional.ofNullable(tape).map(names -> names.text(tokens)).orElse(null);
    }
}
