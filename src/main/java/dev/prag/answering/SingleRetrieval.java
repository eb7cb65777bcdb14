package dev.prag.answering;

import jakarta.inject.Singleton;

/** Passages are retrieved once, with the question. */
@Singleton
public final class SingleRetrieval implements Strategy {
    static final String NAME = "single";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Answer answer(AnswerSession session) {
        session.inject(session.retrieve(Trigger.QUESTION));
        return session.answer(session.write());
    }
}
