package dev.prag.evaluation;

import dev.prag.base.UserException;
import dev.prag.parameterization.Composing;

/**
 * A row of the table: a method, and how it composes.
 *
 * @param name what the row is called; the method's name where it composes as the recipe says
 * @param composing what is open is as the evaluation says, else the recipe
 */
public record Row(String name, String method, Composing composing) {
    /** A method as it is. */
    public static Row of(String method) {
        return new Row(method, method, Composing.OPEN);
    }

    /**
     * Reads a method and its choices, such as {@code combined:strength=0.25,scope=answer}.
     *
     * @throws UserException naming what is wrong with it
     */
    public static Row parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return of(text.strip());
        }
        String method = text.substring(0, colon).strip();
        try {
            Composing composing = Composing.parse(text.substring(colon + 1));
            return composing.equals(Composing.OPEN) ? of(method) : new Row(method + ":" + composing, method, composing);
        } catch (UserException e) {
            throw new UserException(e.kind(), "compose " + text + ": " + e.getMessage(), e);
        }
    }
}
