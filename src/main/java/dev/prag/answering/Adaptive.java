package dev.prag.answering;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Locale;

/**
 * Retrieval by the complexity of the question (Jeong et al., Adaptive-RAG, 2024): a classifier sends it to no retrieval, to
 * one, or to IRCoT. Without a classifier the model's own answer decides: it is believed where its tokens are probable, else
 * passages are retrieved once.
 */
@Singleton
public final class Adaptive implements Strategy {
    private final Ircot ircot;
    private final QuestionClassifier classifier;

    @Inject
    Adaptive(Ircot ircot, QuestionClassifier classifier) {
        this.ircot = ircot;
        this.classifier = classifier;
    }

    @Override
    public String name() {
        return "adaptive";
    }

    @Override
    public Answer answer(AnswerSession session) {
        return classifier
                .classify(session.question())
                .map(complexity -> answer(session, complexity))
                .orElseGet(() -> withoutClassifier(session));
    }

    private Answer answer(AnswerSession session, Complexity complexity) {
        Trigger trigger = new Trigger("classifier", "the question is one that is " + complexity.said());
        return switch (complexity) {
            case NONE -> session.answer(session.write());
            case SINGLE -> {
                session.inject(session.retrieve(trigger));
                yield session.answer(session.write());
            }
            case SEVERAL -> ircot.answer(session, trigger);
        };
    }

    private static Answer withoutClassifier(AnswerSession session) {
        double least = session.settings().confidence();
        session.note("there is no classifier of questions (`prag adaptive train` makes one): whether passages are"
                + " retrieved is decided by how probable the model's own answer is");
        Text text = session.text(session.steps());
        Draft draft = session.draft(text, Integer.MAX_VALUE);
        if (draft == null) {
            return session.answer(text);
        }
        if (draft.confidence() >= least || session.isOver()) {
            for (Draft kept = draft; kept != null; kept = session.draft(text, Integer.MAX_VALUE)) {
                session.keep(text, kept, kept.size());
            }
            return session.answer(text);
        }
        session.inject(session.retrieve(new Trigger(
                "confidence",
                String.format(
                        Locale.ROOT,
                        "the answer without documents has a mean log-probability of %.4f a token, below %s",
                        draft.confidence(),
                        least))));
        return session.answer(session.write());
    }
}
