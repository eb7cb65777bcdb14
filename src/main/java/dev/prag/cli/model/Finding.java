package dev.prag.cli.model;

/**
 * What one check of a model found.
 *
 * @param check what was looked at, in a word
 * @param text what was found
 * @param remedy what to do about it; empty if nothing has to be done
 */
record Finding(String check, Level level, String text, String remedy) {
    /** How bad it is. */
    enum Level {
        OK,
        /** It works, and may not work well. */
        WARNING,
        /** It doesn't work. */
        FAULT
    }

    static Finding ok(String check, String text) {
        return new Finding(check, Level.OK, text, "");
    }

    static Finding warning(String check, String text, String remedy) {
        return new Finding(check, Level.WARNING, text, remedy);
    }

    static Finding fault(String check, String text, String remedy) {
        return new Finding(check, Level.FAULT, text, remedy);
    }

    /** Of a message that ends with its remedy. */
    static Finding fault(String check, String message) {
        int at = message.lastIndexOf("; ");
        return at < 0 ? fault(check, message, "") : fault(check, message.substring(0, at), message.substring(at + 2));
    }
}
