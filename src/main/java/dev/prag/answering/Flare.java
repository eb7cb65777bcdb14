package dev.prag.answering;

import dev.prag.answering.words.FlareQuery;
import jakarta.inject.Singleton;
import java.util.Locale;

/**
 * Forward-looking active retrieval (Jiang et al., FLARE, 2023). After a retrieval with the question the model looks a
 * sentence ahead; where it isn't sure of a token of it, the sentence without such tokens is what is searched for next, and
 * the sentence is written anew.
 */
@Singleton
public final class Flare implements Strategy {
    @Override
    public String name() {
        return "flare";
    }

    @Override
    public boolean keepsToSchemas() {
        return false;
    }

    @Override
    public Answer answer(AnswerSession session) {
        StrategySettings settings = session.settings();
        double theta = settings.theta();
        double beta = settings.beta();
        session.inject(session.retrieve(Trigger.QUESTION));
        Text text = session.text(true);
        Draft draft = session.draft(text, settings.ahead());
        while (draft != null) {
            int sentence = draft.firstSentence();
            double[] probabilities = draft.probabilities(0, sentence);
            int doubtful = FlareQuery.doubtful(probabilities, theta);
            if (doubtful >= 0 && session.mayRetrieve()) {
                String query = FlareQuery.masked(draft.pieces(0, sentence), probabilities, beta);
                session.inject(session.retrieve(
                        query.isEmpty() ? session.question() : query, trigger(draft, doubtful, theta)));
                Draft anew = session.draft(text, settings.ahead());
                // Where a bound ends the answer here, what was looked ahead at is better than nothing.
                draft = anew == null ? draft : anew;
                sentence = draft.firstSentence();
            }
            session.keep(text, draft, sentence);
            draft = session.draft(text, settings.ahead());
        }
        return session.answer(text);
    }

    private static Trigger trigger(Draft draft, int token, double theta) {
        return new Trigger(
                "token",
                String.format(
                        Locale.ROOT,
                        "the token \"%s\" has a probability of %.4f, at most %s",
                        draft.tokens().get(token).text(),
                        draft.tokens().get(token).probability(),
                        theta));
    }
}
