package dev.prag.answering;

import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * What adapters are trained on, in the prompt (Su et al., 2025, "DA-RAG"): the passages with their rewrites and their
 * questions and answers. A passage that has none of these yet stands alone.
 */
@Singleton
public final class AugmentedInjection implements Injection {
    static final String NAME = "augmented";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Retrieved> inject(AnswerSession session, List<Retrieved> passages) {
        return session.showAugmented(passages);
    }

    /** What stands in the prompt of a passage. */
    static String text(String passage, Augmentation made, boolean rewrites) {
        StringBuilder text = new StringBuilder(passage);
        if (rewrites) {
            made.rewrites().forEach(rewrite -> text.append('\n').append(rewrite));
        }
        for (Pair pair : made.pairs()) {
            text.append("\nQuestion: ")
                    .append(pair.question())
                    .append(" Answer: ")
                    .append(pair.answer());
        }
        return text.toString();
    }
}
