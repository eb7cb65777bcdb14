package dev.prag.answering;

/** What a question needs to be answered, from the simplest. */
public enum Complexity {
    /** What the model knows. */
    NONE("A", Methods.CLOSED_BOOK),
    /** Passages that are retrieved once. */
    SINGLE("B", SingleRetrieval.NAME),
    /** Passages that are retrieved one after another. */
    SEVERAL("C", Ircot.NAME);

    private final String label;
    private final String strategy;

    Complexity(String label, String strategy) {
        this.label = label;
        this.strategy = strategy;
    }

    /** What a classifier writes. */
    String label() {
        return label;
    }

    /** The method that answers such questions, with an injection such as {@code adapters}. */
    public String method(String injection) {
        return this == NONE ? strategy : strategy + "+" + injection;
    }

    /** What is said of such a question. */
    String said() {
        return switch (this) {
            case NONE -> "answered without documents";
            case SINGLE -> "answered from one retrieval";
            case SEVERAL -> "answered from several retrievals";
        };
    }
}
