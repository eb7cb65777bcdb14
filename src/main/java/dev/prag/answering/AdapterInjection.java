package dev.prag.answering;

import jakarta.inject.Singleton;
import java.util.List;

/**
 * Parametric RAG (Su et al., 2025): the passages' adapters are in force and the question stands alone. A passage without
 * an adapter goes into the prompt instead; one whose adapter the rule gives no weight counts as not retrieved.
 */
@Singleton
public final class AdapterInjection implements Injection {
    static final String NAME = "adapters";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean composes() {
        return true;
    }

    @Override
    public List<Retrieved> inject(AnswerSession session, List<Retrieved> passages) {
        return session.compose(passages).stream().filter(Retrieved::wanting).toList();
    }
}
