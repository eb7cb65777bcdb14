package dev.prag.answering;

import java.util.List;

/** Through what passages reach the model. */
public interface Injection {
    /** Its name, such as {@code adapters}. */
    String name();

    /** Whether adapters are in force: they are fetched while the passages' texts are. */
    default boolean composes() {
        return false;
    }

    /**
     * Brings passages into force, in the place of those before.
     *
     * @return those that stand in the prompt
     */
    List<Retrieved> inject(AnswerSession session, List<Retrieved> passages);
}
