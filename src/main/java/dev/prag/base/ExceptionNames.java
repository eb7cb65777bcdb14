package dev.prag.base;

import java.util.regex.Pattern;

/** Messages of other software that begin with, or hold, the names of Java's classes of errors. */
public final class ExceptionNames {
    private static final Pattern NAME = Pattern.compile("\\b(?:[a-z]\\w*\\.)+[\\w$]+(?:Exception|Error)\\b(?:: ?)?");

    private ExceptionNames() {}

    /** The message without such names: what a user can do something with. */
    public static String without(String message) {
        return NAME.matcher(message).replaceAll("");
    }
}
