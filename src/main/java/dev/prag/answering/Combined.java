package dev.prag.answering;

import jakarta.inject.Singleton;

/** Both (Su et al., 2025, "combine both"): the adapters are in force and the passages stand in the prompt. */
@Singleton
public final class Combined implements AnswerMethod {
    @Override
    public String name() {
        return "combined";
    }

    @Override
    public Answer answer(AnswerSession session) {
        return session.generate(session.compose(session.retrieveToCompose()));
    }
}
