package dev.prag.answering;

import jakarta.inject.Singleton;
import java.util.List;

/** The model alone: what it knows without any document. */
@Singleton
public final class ClosedBook implements AnswerMethod {
    static final String NAME = "closed-book";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Answer answer(AnswerSession session) {
        return session.generate(List.of());
    }
}
