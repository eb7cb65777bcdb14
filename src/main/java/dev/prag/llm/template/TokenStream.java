package dev.prag.llm.template;

import dev.prag.llm.template.Token.Kind;
import java.util.List;

/** The tokens of a template, read one after the other. */
final class TokenStream {
    private static final int MAX_DEPTH = 200;

    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token following() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(at);
        if (at < tokens.size() - 1) {
            at++;
        }
        return token;
    }

    int line() {
        return current().line();
    }

    boolean skip(Kind kind) {
        if (!current().is(kind)) {
            return false;
        }
        next();
        return true;
    }

    boolean skipOperator(String operator) {
        if (!current().isOperator(operator)) {
            return false;
        }
        next();
        return true;
    }

    boolean skipName(String name) {
        if (!current().isName(name)) {
            return false;
        }
        next();
        return true;
    }

    Token expect(Kind kind, String what) {
        if (!current().is(kind)) {
            throw unexpected(what);
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    TemplateException unexpected(String wanted) {
        return new TemplateException(
                "expected " + wanted + ", found " + current().describe(), line());
    }

    /** Holds nesting within what the stack of a thread can take. */
    void enter() {
        if (++depth > MAX_DEPTH) {
            throw new TemplateException("nested deeper than " + MAX_DEPTH + " levels", line());
        }
    }

    void leave() {
        depth--;
    }
}
