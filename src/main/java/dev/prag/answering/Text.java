package dev.prag.answering;

import dev.prag.generation.Finish;
import java.util.ArrayList;
import java.util.List;

/** What was written and kept so far. */
final class Text {
    private final boolean steps;
    private final boolean heard;
    private final int limit;
    private final List<Draft.Token> tokens = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private Finish finish;

    /**
     * @param steps whether it reasons first
     * @param heard whether the listener hears of what is kept
     * @param limit tokens that it may have
     */
    Text(boolean steps, boolean heard, int limit) {
        this.steps = steps;
        this.heard = heard;
        this.limit = limit;
    }

    boolean steps() {
        return steps;
    }

    boolean heard() {
        return heard;
    }

    int limit() {
        return limit;
    }

    int size() {
        return tokens.size();
    }

    List<Draft.Token> tokens() {
        return tokens;
    }

    int[] ids() {
        return tokens.stream().mapToInt(Draft.Token::id).toArray();
    }

    /** Adds the first so many tokens of a draft; returns their text. */
    String add(Draft draft, int count) {
        String added = draft.text().substring(0, draft.end(count));
        tokens.addAll(draft.tokens().subList(0, count));
        text.append(added);
        return added;
    }

    /** Why it ended; null while it goes on. */
    Finish finish() {
        return finish;
    }

    boolean goesOn() {
        return finish == null;
    }

    void end(Finish why) {
        if (finish == null) {
            finish = why;
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
