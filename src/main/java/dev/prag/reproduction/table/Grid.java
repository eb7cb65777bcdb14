package dev.prag.reproduction.table;

import java.util.List;

/**
 * One figure for each row and column.
 *
 * @param key what it is of, in files: {@code f1}
 * @param title the same for people
 */
public record Grid(String key, String title, List<Column> columns, List<Block> blocks) {
    public Grid {
        columns = List.copyOf(columns);
        blocks = List.copyOf(blocks);
    }

    /**
     * A column.
     *
     * @param set the data set
     * @param part which questions of it, a type or {@code total}; of seconds, which ones
     * @param group the set for people
     * @param name the part for people
     * @param decimals that are shown
     */
    public record Column(String set, String part, String group, String name, int decimals) {
        String key() {
            return set + "/" + part;
        }
    }

    /** The rows of a model, among which the best is sought. */
    public record Block(String model, List<Line> lines) {
        public Block {
            lines = List.copyOf(lines);
        }
    }

    /**
     * A row: a method or a variant.
     *
     * @param name for people
     * @param cells one for each column
     */
    public record Line(String key, String name, List<Cell> cells) {
        public Line {
            cells = List.copyOf(cells);
        }
    }

    /**
     * A figure.
     *
     * @param n questions; 0 where none was asked
     * @param value null where there is none
     * @param low of its 95% interval; null where it has none, as {@code high}
     * @param mark what tells it from the others of its block and column
     * @param paper the paper's; null where it has none
     */
    public record Cell(int n, Double value, Double low, Double high, Mark mark, PaperFigure paper) {}

    /**
     * What tells a figure from the others of its block and column.
     *
     * @param worseThanBest significantly worse than the best
     * @param worseThanParametric significantly worse than P-RAG
     */
    public record Mark(boolean best, boolean second, boolean worseThanBest, boolean worseThanParametric) {
        static final Mark NONE = new Mark(false, false, false, false);

        /** The marks of significance, as the paper prints them. */
        String significance() {
            return (worseThanParametric ? "†" : "") + (worseThanBest ? "*" : "");
        }
    }
}
