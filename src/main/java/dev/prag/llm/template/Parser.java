package dev.prag.llm.template;

import dev.prag.llm.template.Node.Arguments;
import dev.prag.llm.template.Node.Expression;
import dev.prag.llm.template.Node.Statement;
import dev.prag.llm.template.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Statements: what stands in {@code {% %}}, and the text between. */
final class Parser {
    private final TokenStream in;
    private final ExpressionParser expressions;
    private int loops;

    private Parser(TokenStream in) {
        this.in = in;
        this.expressions = new ExpressionParser(in);
    }

    static List<Statement> parse(String template) {
        Parser parser = new Parser(new TokenStream(Lexer.tokens(template)));
        List<Statement> body = parser.body(Set.of());
        if (!parser.in.current().is(Kind.END)) {
            throw parser.in.unexpected("the end of the template");
        }
        return body;
    }

    /** Statements up to a block tag of one of these names, which is current then; to the end if there are no names. */
    private List<Statement> body(Set<String> ends) {
        in.enter();
        List<Statement> body = new ArrayList<>();
        while (true) {
            Token token = in.next();
            switch (token.kind()) {
                case DATA -> body.add(new Node.Data(token.text(), token.line()));
                case VARIABLE_BEGIN -> {
                    body.add(new Node.Print(expressions.tuple(true), token.line()));
                    in.expect(Kind.VARIABLE_END, "'}}'");
                }
                case BLOCK_BEGIN -> {
                    Token tag = in.current();
                    if (!tag.is(Kind.NAME)) {
                        throw in.unexpected("the name of a tag");
                    }
                    if (ends.contains(tag.text())) {
                        in.leave();
                        return body;
                    }
                    body.add(statement(in.next()));
                }
                default -> {
                    if (!ends.isEmpty()) {
                        String wanted =
                                String.join(" or ", ends.stream().sorted().toList());
                        throw new TemplateException("the template ends where " + wanted + " is missing", token.line());
                    }
                    in.leave();
                    return body;
                }
            }
        }
    }

    private void endBlock() {
        in.expect(Kind.BLOCK_END, "'%}'");
    }

    /** The body of a block up to its only end tag, which is read, too. */
    private List<Statement> bodyTo(String end) {
        endBlock();
        List<Statement> body = body(Set.of(end));
        in.next();
        endBlock();
        return body;
    }

    private Statement statement(Token tag) {
        int line = tag.line();
        return switch (tag.text()) {
            case "if" -> conditional(line);
            case "for" -> loop(line);
            case "set" -> assignment(line);
            case "macro" -> macro(line);
            case "call" -> callBlock(line);
            case "with" -> with(line);
            case "generation" -> new Node.Generation(scopedBody("endgeneration"), line);
            case "filter" -> {
                Expression filtered = expressions.filterChain(new Node.Captured(line));
                yield new Node.FilterBlock(filtered, scopedBody("endfilter"), line);
            }
            case "break", "continue" -> {
                if (loops == 0) {
                    throw new TemplateException("'" + tag.text() + "' stands outside of a loop", line);
                }
                endBlock();
                yield tag.text().equals("break") ? new Node.Break(line) : new Node.Continue(line);
            }
            default ->
                throw new TemplateException(
                        (tag.text().startsWith("end") || tag.text().startsWith("el")
                                        ? "unexpected tag '"
                                        : "unsupported tag '")
                                + tag.text() + "'",
                        line);
        };
    }

    /** A body that break and continue can't leave. */
    private List<Statement> scopedBody(String end) {
        int outer = loops;
        loops = 0;
        List<Statement> body = bodyTo(end);
        loops = outer;
        return body;
    }

    private Statement conditional(int line) {
        Expression test = expressions.tuple(false);
        endBlock();
        List<Statement> then = body(Set.of("elif", "else", "endif"));
        Token tag = in.next();
        List<Statement> otherwise = List.of();
        switch (tag.text()) {
            case "elif" -> {
                in.enter();
                otherwise = List.of(conditional(tag.line()));
                in.leave();
                return new Node.If(test, then, otherwise, line);
            }
            case "else" -> otherwise = bodyTo("endif");
            default -> endBlock();
        }
        return new Node.If(test, then, otherwise, line);
    }

    private Statement loop(int line) {
        Expression target = expressions.target(false);
        if (!in.skipName("in")) {
            throw in.unexpected("'in'");
        }
        Expression items = expressions.tuple(false);
        Expression filter = in.skipName("if") ? expressions.expression() : null;
        if (in.current().isName("recursive")) {
            throw new TemplateException("'recursive' loops are not supported", line);
        }
        endBlock();
        loops++;
        List<Statement> body = body(Set.of("else", "endfor"));
        loops--;
        List<Statement> otherwise = List.of();
        if (in.next().text().equals("else")) {
            otherwise = bodyTo("endfor");
        } else {
            endBlock();
        }
        return new Node.For(target, items, filter, body, otherwise, line);
    }

    private Statement assignment(int line) {
        Expression target = expressions.target(true);
        if (in.skipOperator("=")) {
            Expression value = expressions.tuple(true);
            endBlock();
            return new Node.Assign(target, value, line);
        }
        Expression filtered = new Node.Captured(line);
        if (in.skipOperator("|")) {
            filtered = expressions.filterChain(filtered);
        }
        return new Node.AssignBlock(target, filtered, scopedBody("endset"), line);
    }

    private Statement with(int line) {
        List<Expression> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!in.current().is(Kind.BLOCK_END)) {
            if (!targets.isEmpty()) {
                in.expectOperator(",");
            }
            targets.add(expressions.target(false));
            in.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Node.With(targets, values, bodyTo("endwith"), line);
    }

    private Statement macro(int line) {
        String name = in.expect(Kind.NAME, "the macro's name").text();
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        Set<String> mentions = new HashSet<>();
        Set<String> outer = expressions.collectMentions(mentions);
        if (in.skipOperator("(")) {
            while (!in.current().isOperator(")")) {
                if (!parameters.isEmpty()) {
                    in.expectOperator(",");
                }
                parameters.add(in.expect(Kind.NAME, "a parameter's name").text());
                if (in.skipOperator("=")) {
                    defaults.add(expressions.expression());
                } else if (!defaults.isEmpty()) {
                    throw new TemplateException(
                            "the parameter '" + parameters.getLast() + "' without a default follows one with a default",
                            line);
                }
            }
            in.next();
        }
        List<Statement> body = scopedBody("endmacro");
        expressions.collectMentions(outer);
        outer.addAll(mentions);
        return new Node.Macro(name, parameters, defaults, mentions, body, line);
    }

    private Statement callBlock(int line) {
        // the parameters of the caller come before the call and its body after it
        List<String> parameters = new ArrayList<>();
        if (in.skipOperator("(")) {
            while (!in.current().isOperator(")")) {
                if (!parameters.isEmpty()) {
                    in.expectOperator(",");
                }
                parameters.add(in.expect(Kind.NAME, "a parameter's name").text());
            }
            in.next();
        }
        if (!(expressions.expression() instanceof Node.Call call)) {
            throw new TemplateException("expected a call of a macro after 'call'", line);
        }
        Arguments given = call.arguments();
        if (given.names().contains("caller")) {
            throw new TemplateException("the argument 'caller' is given twice", line);
        }
        Set<String> mentions = new HashSet<>();
        Set<String> outer = expressions.collectMentions(mentions);
        List<Statement> body = scopedBody("endcall");
        expressions.collectMentions(outer);
        outer.addAll(mentions);
        Node.Macro caller = new Node.Macro("caller", parameters, List.of(), mentions, body, line);
        return new Node.CallBlock(call, caller, line);
    }
}
