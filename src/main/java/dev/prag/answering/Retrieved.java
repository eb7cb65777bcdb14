package dev.prag.answering;

/**
 * A passage that was retrieved for a question.
 *
 * @param title of its document
 * @param page of its document that it begins on, from 1; null where there are no pages
 * @param score of the retrieval (BM25)
 * @param weight of its adapter in the composition, 0 where the rule gives it none; null where none was asked for or it
 *     can't be had
 * @param withoutAdapter why none is, where one was asked for; else null
 * @param shown what stands in the prompt where it does; null for the text
 */
public record Retrieved(
        String id,
        String title,
        String text,
        Integer page,
        double score,
        Double weight,
        WithoutAdapter withoutAdapter,
        String shown) {
    /** One whose adapter nobody asked for yet. */
    Retrieved(String id, String title, String text, double score) {
        this(id, title, text, null, score);
    }

    /** One of a page whose adapter nobody asked for yet. */
    Retrieved(String id, String title, String text, Integer page, double score) {
        this(id, title, text, page, score, null, null, null);
    }

    /** Whether its adapter is in force. */
    public boolean composed() {
        return weight != null && weight != 0;
    }

    /** Whether it has no part in a composition that should say what it says: the prompt has to. */
    public boolean wanting() {
        return weight == null;
    }

    Retrieved withWeight(double newWeight) {
        return new Retrieved(id, title, text, page, score, newWeight, null, shown);
    }

    Retrieved without(WithoutAdapter why) {
        return new Retrieved(id, title, text, page, score, null, why, shown);
    }

    Retrieved shownAs(String inPrompt) {
        return new Retrieved(id, title, text, page, score, weight, withoutAdapter, inPrompt);
    }

    /** What stands in the prompt of it, where something does. */
    String inPrompt() {
        return shown == null ? text : shown;
    }
}
