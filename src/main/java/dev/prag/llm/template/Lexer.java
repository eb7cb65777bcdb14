package dev.prag.llm.template;

import dev.prag.llm.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens. Whitespace around tags goes as {@code trim_blocks} and {@code lstrip_blocks} want it: the
 * line feed after a block tag or comment is dropped, and so are blanks between the start of a line and a block tag or
 * comment; {@code -} strips everything, {@code +} keeps everything.
 */
final class Lexer {
    private static final String[] OPERATORS = {
        "//", "**", "==", "!=", "<=", ">=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", "<", ">", "=",
        ".", ":", "|", ",", ";"
    };

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int counted;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        Lexer lexer = new Lexer(source);
        lexer.text();
        return lexer.tokens;
    }

    private void add(Kind kind, String text, int position) {
        tokens.add(new Token(kind, text, lineOf(position)));
    }

    private int lineOf(int position) {
        for (; counted < position; counted++) {
            if (source.charAt(counted) == '\n') {
                line++;
            }
        }
        return line;
    }

    private TemplateException error(String reason, int position) {
        return new TemplateException(reason, lineOf(position));
    }

    private void text() {
        while (at < source.length()) {
            int tag = nextTag(at);
            if (tag < 0) {
                data(source.substring(at), at);
                at = source.length();
                break;
            }
            char type = source.charAt(tag + 1);
            int begun = at;
            int raw = type == '%' ? rawBegin(tag) : -1;
            data(stripped(begun, tag, type), begun);
            at = tag + 2;
            if (at < source.length() && isSign(source.charAt(at))) {
                at++;
            }
            if (raw >= 0) {
                at = raw;
                raw(tag);
            } else if (type == '#') {
                comment(tag);
            } else if (type == '%') {
                add(Kind.BLOCK_BEGIN, "{%", tag);
                expression(true, tag);
            } else {
                add(Kind.VARIABLE_BEGIN, "{{", tag);
                expression(false, tag);
            }
        }
        add(Kind.END, "", source.length());
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    private void data(String text, int position) {
        if (!text.isEmpty()) {
            add(Kind.DATA, text, position);
        }
    }

    /** The text before a tag, with what the tag's sign and lstrip_blocks take away from its end. */
    private String stripped(int from, int tag, char type) {
        String text = source.substring(from, tag);
        char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
        if (sign == '-') {
            return Text.strip(text, null, false, true);
        }
        if (sign != '+' && type != '{') {
            int lineStart = text.lastIndexOf('\n') + 1;
            boolean startsLine = lineStart > 0 || from == 0 || source.charAt(from - 1) == '\n';
            if (startsLine && lineStart < text.length() && Text.isSpace(text.substring(lineStart))) {
                return text.substring(0, lineStart);
            }
        }
        return text;
    }

    /** Where a raw block's text begins if the block tag there opens one, else -1. */
    private int rawBegin(int tag) {
        int i = tag + 2;
        if (i < source.length() && isSign(source.charAt(i))) {
            i++;
        }
        i = skipSpace(i);
        if (!source.startsWith("raw", i)) {
            return -1;
        }
        i = skipSpace(i + 3);
        if (source.startsWith("-%}", i)) {
            return skipSpace(i + 3);
        }
        return source.startsWith("%}", i) ? i + 2 : -1;
    }

    private void raw(int opened) {
        int from = at;
        for (int i = source.indexOf("{%", at); i >= 0; i = source.indexOf("{%", i + 1)) {
            int p = i + 2;
            if (p < source.length() && isSign(source.charAt(p))) {
                p++;
            }
            p = skipSpace(p);
            if (source.startsWith("endraw", p)) {
                int end = blockEnd(skipSpace(p + 6));
                if (end >= 0) {
                    data(stripped(from, i, '%'), from);
                    at = end;
                    return;
                }
            }
        }
        throw error("the raw block isn't closed; {% endraw %} is missing", opened);
    }

    private void comment(int opened) {
        int close = source.indexOf("#}", at);
        if (close < 0) {
            throw error("the comment isn't closed; '#}' is missing", opened);
        }
        char sign = close > at ? source.charAt(close - 1) : ' ';
        at = close + 2;
        if (sign == '-') {
            at = skipSpace(at);
        } else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
    }

    /** Where the text goes on if a block ends at i, else -1. */
    private int blockEnd(int i) {
        if (source.startsWith("+%}", i)) {
            return i + 3;
        }
        if (source.startsWith("-%}", i)) {
            return skipSpace(i + 3);
        }
        if (source.startsWith("%}", i)) {
            return source.startsWith("\n", i + 2) ? i + 3 : i + 2;
        }
        return -1;
    }

    private int variableEnd(int i) {
        if (source.startsWith("-}}", i)) {
            return skipSpace(i + 3);
        }
        return source.startsWith("}}", i) ? i + 2 : -1;
    }

    private void expression(boolean block, int opened) {
        Deque<String> open = new ArrayDeque<>();
        while (true) {
            at = skipSpace(at);
            if (at >= source.length()) {
                throw error("the tag isn't closed; '" + (block ? "%}" : "}}") + "' is missing", opened);
            }
            if (open.isEmpty()) {
                int end = block ? blockEnd(at) : variableEnd(at);
                if (end >= 0) {
                    add(block ? Kind.BLOCK_END : Kind.VARIABLE_END, "", at);
                    at = end;
                    return;
                }
            }
            char c = source.charAt(at);
            if (Character.isDigit(c)) {
                number();
            } else if (c == '_' || Character.isUnicodeIdentifierPart(c)) {
                int from = at;
                while (at < source.length() && isNamePart(source.charAt(at))) {
                    at++;
                }
                add(Kind.NAME, source.substring(from, at), from);
            } else if (c == '\'' || c == '"') {
                string(c);
            } else {
                operator(open);
            }
        }
    }

    private void operator(Deque<String> open) {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                switch (operator) {
                    case "(" -> open.push(")");
                    case "[" -> open.push("]");
                    case "{" -> open.push("}");
                    case ")", "]", "}" -> {
                        if (open.isEmpty() || !open.pop().equals(operator)) {
                            throw error("unexpected '" + operator + "'", at);
                        }
                    }
                    default -> {}
                }
                add(Kind.OPERATOR, operator, at);
                at += operator.length();
                return;
            }
        }
        throw error("unexpected character '" + Character.toString(source.codePointAt(at)) + "'", at);
    }

    private void number() {
        int from = at;
        if (source.charAt(at) == '0' && at + 1 < source.length()) {
            int radix =
                    switch (Character.toLowerCase(source.charAt(at + 1))) {
                        case 'x' -> 16;
                        case 'o' -> 8;
                        case 'b' -> 2;
                        default -> 0;
                    };
            if (radix != 0) {
                at += 2;
                int digits = at;
                while (at < source.length()
                        && (source.charAt(at) == '_' || Character.digit(source.charAt(at), radix) >= 0)) {
                    at++;
                }
                String value = source.substring(digits, at).replace("_", "");
                if (value.isEmpty()) {
                    throw error("'" + source.substring(from, at) + "' is no number", from);
                }
                add(Kind.INTEGER, new java.math.BigInteger(value, radix).toString(), from);
                return;
            }
        }
        digits();
        boolean fraction = false;
        // after a dot a number is an index, as in parts.0.1
        boolean index = from > 0 && source.charAt(from - 1) == '.';
        if (!index) {
            if (at + 1 < source.length() && source.charAt(at) == '.' && Character.isDigit(source.charAt(at + 1))) {
                fraction = true;
                at++;
                digits();
            }
            if (at < source.length() && (source.charAt(at) == 'e' || source.charAt(at) == 'E')) {
                int exponent = at + 1;
                if (exponent < source.length() && isSign(source.charAt(exponent))) {
                    exponent++;
                }
                if (exponent < source.length() && Character.isDigit(source.charAt(exponent))) {
                    fraction = true;
                    at = exponent;
                    digits();
                }
            }
        }
        String text = source.substring(from, at).replace("_", "");
        if (!fraction
                && text.length() > 1
                && text.startsWith("0")
                && !text.chars().allMatch(c -> c == '0')) {
            throw error("'" + text + "' is no number; leading zeros are not allowed", from);
        }
        add(fraction ? Kind.FLOAT : Kind.INTEGER, text, from);
    }

    private void digits() {
        while (at < source.length()
                && (Character.isDigit(source.charAt(at))
                        || source.charAt(at) == '_'
                                && at + 1 < source.length()
                                && Character.isDigit(source.charAt(at + 1)))) {
            at++;
        }
    }

    private void string(char quote) {
        int from = at++;
        int end = at;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw error("the string isn't closed; " + quote + " is missing", from);
        }
        String value;
        try {
            value = Text.unescape(source.substring(at, end));
        } catch (TemplateException e) {
            throw e.at(lineOf(from));
        }
        at = end + 1;
        add(Kind.STRING, value, from);
    }

    private int skipSpace(int from) {
        int i = from;
        while (i < source.length() && Text.isSpace(source.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isSign(char c) {
        return c == '-' || c == '+';
    }

    private static boolean isNamePart(char c) {
        return c == '_' || Character.isLetterOrDigit(c) || Character.isUnicodeIdentifierPart(c) && c > 0x7f;
    }
}
