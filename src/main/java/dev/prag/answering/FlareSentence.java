package dev.prag.answering;

import dev.prag.answering.words.FlareQuery;
import jakarta.inject.Singleton;
import java.util.Locale;

/**
 * FLARE as the authors of DRAGIN and of Parametric RAG compare with it (Su et al., 2024): a sentence that the model was on
 * average not sure enough of is dropped with all behind it, and what it says without the doubtful tokens is searched for.
 * Nothing is retrieved before.
 */
@Singleton
public final class FlareSentence implements Strategy {
    @Override
    public String name() {
        return "flare-sentence";
    }

    @Override
    public boolean keepsToSchemas() {
        return false;
    }

    @Override
    public Answer answer(AnswerSession session) {
        StrategySettings settings = session.settings();
        double threshold = settings.sentenceThreshold();
        Text text = session.text(true);
        Draft draft = session.draft(text, settings.ahead());
        while (draft != null) {
            int from = 0;
            int to = 0;
            double doubt = 0;
            for (int end : draft.sentences()) {
                from = to;
                to = end;
                doubt = FlareQuery.doubt(draft.probabilities(from, to));
                if (doubt > threshold) {
                    break;
                }
            }
            if (doubt > threshold && session.mayRetrieve()) {
                // A token whose 1 - p is above the threshold is one whose p is below its complement.
                String query = FlareQuery.masked(
                        draft.pieces(from, to), draft.probabilities(from, to), Math.nextDown(1 - threshold));
                Trigger trigger = new Trigger(
                        "sentence",
                        String.format(
                                Locale.ROOT,
                                "the mean of 1 - p over \"%s\" is %.4f, above %s",
                                draft.text(from, to).strip(),
                                doubt,
                                threshold));
                session.keep(text, draft, from);
                if (text.goesOn()) {
                    session.inject(session.retrieve(query.isEmpty() ? session.question() : query, trigger));
                    draft = session.draft(text, settings.ahead());
                    if (draft != null) {
                        session.keep(text, draft, draft.firstSentence());
                    }
                }
            } else {
                session.keep(text, draft, draft.size());
            }
            draft = session.draft(text, settings.ahead());
        }
        return session.answer(text);
    }
}
