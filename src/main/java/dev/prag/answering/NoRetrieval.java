package dev.prag.answering;

import jakarta.inject.Singleton;

/** The model alone: what it knows without any document. */
@Singleton
public final class NoRetrieval implements Strategy {
    static final String NAME = "none";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Answer answer(AnswerSession session) {
        return session.answer(session.write());
    }
}
