package dev.prag.answering;

import jakarta.inject.Singleton;

/** Retrieval-augmented generation (Lewis et al., 2020): the passages stand in the prompt. */
@Singleton
public final class InContext implements AnswerMethod {
    @Override
    public String name() {
        return "in-context";
    }

    @Override
    public Answer answer(AnswerSession session) {
        return session.generate(session.retrieve());
    }
}
