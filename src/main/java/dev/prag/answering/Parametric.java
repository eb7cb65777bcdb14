package dev.prag.answering;

import jakarta.inject.Singleton;

/**
 * Parametric RAG (Su et al., 2025): the passages' adapters are in force and the question stands alone. A passage without
 * an adapter goes into the prompt instead; one whose adapter the rule gives no weight counts as not retrieved.
 */
@Singleton
public final class Parametric implements AnswerMethod {
    @Override
    public String name() {
        return "parametric";
    }

    @Override
    public Answer answer(AnswerSession session) {
        var passages = session.compose(session.retrieveToCompose());
        return session.generate(passages.stream().filter(Retrieved::wanting).toList());
    }
}
