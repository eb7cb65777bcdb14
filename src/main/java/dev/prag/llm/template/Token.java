package dev.prag.llm.template;

/**
 * A piece of a template.
 *
 * @param text the characters; of a string literal its value
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        DATA,
        VARIABLE_BEGIN,
        VARIABLE_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    /** How error messages call it. */
    String describe() {
        return switch (kind) {
            case END -> "end of the template";
            case DATA -> "text";
            case VARIABLE_END -> "'}}'";
            case BLOCK_END -> "'%}'";
            case STRING -> "string \"" + text + "\"";
            default -> "'" + text + "'";
        };
    }
}
