package dev.prag.evaluation.dataset;

import dev.prag.base.UserException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Which questions of a data set are taken; each sample is used once, over the questions in their order. */
final class Sample {
    /** How many questions the paper takes of a type, or of a set. */
    static final int PAPER = 300;

    /** How a sample is drawn. */
    public enum Kind {
        /** The first of each type where the paper has types, else the first of the set. */
        PAPER,
        /** The first of the set. */
        TOTAL,
        /** All. */
        ALL;

        static Kind of(String name) {
            try {
                return valueOf(name.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new UserException(
                        UserException.Kind.BAD_INPUT,
                        "sample \"" + name + "\" is not known; choose paper, total or all",
                        e);
            }
        }
    }

    private final Kind kind;
    private final boolean byType;
    private final String type;
    private final int most;
    private final Map<String, Integer> taken = new HashMap<>();
    private final TreeSet<String> types = new TreeSet<>();
    private int all;

    /**
     * @param type the only one that is taken; null for any
     * @param most how many are taken of each type, or of the set, where not all are
     */
    Sample(Kind kind, boolean byType, String type, int most) {
        this.kind = kind;
        this.byType = byType;
        this.type = type;
        this.most = most;
    }

    /** Whether the next question belongs to it. */
    boolean takes(PublishedQuestion question) {
        types.add(question.type());
        if (type != null && !type.equals(question.type())) {
            return false;
        }
        int before = kind == Kind.PAPER && byType ? taken.getOrDefault(question.type(), 0) : all;
        if (kind != Kind.ALL && before >= most) {
            return false;
        }
        taken.merge(question.type(), 1, Integer::sum);
        all++;
        return true;
    }

    /** Whether no further question can belong to it. */
    boolean isFull() {
        return kind != Kind.ALL && all >= most && (type != null || kind == Kind.TOTAL || !byType);
    }

    /** The types that were met. */
    TreeSet<String> types() {
        return types;
    }
}
