package dev.prag.corpus;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Which texts an encoder takes.
 *
 * @param hashes of the texts; null for all there are
 */
public record TextSelection(List<String> hashes) {
    /** All there are. */
    public static final TextSelection ALL = new TextSelection(null);

    /** Those of these hashes. */
    public static TextSelection of(Collection<String> hashes) {
        return new TextSelection(hashes.stream().distinct().toList());
    }

    public boolean isAll() {
        return hashes == null;
    }

    /** The condition on a row, with a parameter unless it is all. */
    String condition(String column) {
        return isAll() ? "true" : column + " = ANY (?)";
    }

    /** Parameters of a statement, the hashes behind the first ones where it isn't all. */
    Object[] parameters(Object... first) {
        if (isAll()) {
            return first;
        }
        Object[] all = Arrays.copyOf(first, first.length + 1);
        all[first.length] = hashes;
        return all;
    }
}
