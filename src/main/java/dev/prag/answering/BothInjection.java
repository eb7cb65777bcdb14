package dev.prag.answering;

import jakarta.inject.Singleton;
import java.util.List;

/** Both (Su et al., 2025, "combine both"): the adapters are in force and the passages stand in the prompt. */
@Singleton
public final class BothInjection implements Injection {
    static final String NAME = "both";

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
        return session.compose(passages);
    }
}
