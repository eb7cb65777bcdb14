package dev.prag.answering;

import jakarta.inject.Singleton;
import java.util.List;

/** Retrieval-augmented generation (Lewis et al., 2020): the passages stand in the prompt. */
@Singleton
public final class PromptInjection implements Injection {
    static final String NAME = "prompt";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Retrieved> inject(AnswerSession session, List<Retrieved> passages) {
        return session.showAlone(passages);
    }
}
