package dev.prag.reproduction.table;

/**
 * A figure of the paper, with its marks.
 *
 * @param number as it is printed there
 * @param worseThanParametric marked †: significantly worse than P-RAG
 * @param worseThanBest marked *: significantly worse than the best
 */
public record PaperFigure(String number, boolean worseThanParametric, boolean worseThanBest) {
    /** @param text such as {@code 0.4298†*}; null or empty for none */
    static PaperFigure parse(String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        String number = text.replaceAll("[†*]", "");
        Double.parseDouble(number);
        return new PaperFigure(number, text.contains("†"), text.contains("*"));
    }

    double value() {
        return Double.parseDouble(number);
    }

    /** As the paper prints it. */
    @Override
    public String toString() {
        return number + (worseThanParametric ? "†" : "") + (worseThanBest ? "*" : "");
    }
}
