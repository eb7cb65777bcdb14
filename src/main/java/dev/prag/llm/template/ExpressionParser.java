package dev.prag.llm.template;

import dev.prag.llm.template.Node.Arguments;
import dev.prag.llm.template.Node.Expression;
import dev.prag.llm.template.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Expressions, by Jinja's precedence: or, and, not, comparison, + -, ~, * / // %, **, signs, postfix, filters. */
final class ExpressionParser {
    private static final Map<String, Object> CONSTANTS = constants();
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    /** Functions that Jinja has and this interpreter refuses. */
    private static final Set<String> REFUSED = Set.of("lipsum", "cycler", "joiner", "gettext", "ngettext");

    private final TokenStream in;

    /** Every name read so far. */
    private Set<String> mentions = new HashSet<>();

    ExpressionParser(TokenStream in) {
        this.in = in;
    }

    private static Map<String, Object> constants() {
        Map<String, Object> constants = new java.util.HashMap<>();
        for (String name : List.of("true", "True")) {
            constants.put(name, true);
        }
        for (String name : List.of("false", "False")) {
            constants.put(name, false);
        }
        for (String name : List.of("none", "None")) {
            constants.put(name, null);
        }
        return constants;
    }

    /** Collects the names mentioned from now on in a set of their own; returns the one before. */
    Set<String> collectMentions(Set<String> collector) {
        Set<String> before = mentions;
        mentions = collector;
        return before;
    }

    Expression expression() {
        return expression(true);
    }

    /** An expression; where {@code conditional} is false, {@code a if b} is not part of it. */
    Expression expression(boolean conditional) {
        in.enter();
        Expression value = or();
        while (conditional && in.current().isName("if")) {
            int line = in.next().line();
            Expression test = or();
            Expression otherwise = in.skipName("else") ? expression(true) : null;
            value = new Node.Conditional(test, value, otherwise, line);
        }
        in.leave();
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (in.current().isName("or")) {
            int line = in.next().line();
            left = new Node.Or(left, and(), line);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (in.current().isName("and")) {
            int line = in.next().line();
            left = new Node.And(left, not(), line);
        }
        return left;
    }

    private Expression not() {
        if (in.current().isName("not")) {
            int line = in.next().line();
            in.enter();
            Expression operand = not();
            in.leave();
            return new Node.Not(operand, line);
        }
        return comparison();
    }

    private Expression comparison() {
        int line = in.line();
        Expression first = sum();
        List<Expression> operands = new ArrayList<>(List.of(first));
        List<String> operators = new ArrayList<>();
        while (true) {
            Token token = in.current();
            if (token.is(Kind.OPERATOR) && COMPARISONS.contains(token.text())) {
                in.next();
                operators.add(token.text());
            } else if (token.isName("in")) {
                in.next();
                operators.add("in");
            } else if (token.isName("not") && in.following().isName("in")) {
                in.next();
                in.next();
                operators.add("not in");
            } else {
                break;
            }
            operands.add(sum());
        }
        return operators.isEmpty() ? first : new Node.Comparison(operands, operators, line);
    }

    private Expression sum() {
        Expression left = concatenation();
        while (in.current().isOperator("+") || in.current().isOperator("-")) {
            Token operator = in.next();
            left = new Node.Binary(operator.text(), left, concatenation(), operator.line());
        }
        return left;
    }

    private Expression concatenation() {
        int line = in.line();
        Expression first = product();
        if (!in.current().isOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (in.skipOperator("~")) {
            parts.add(product());
        }
        return new Node.Concatenation(parts, line);
    }

    private Expression product() {
        Expression left = power();
        while (in.current().isOperator("*")
                || in.current().isOperator("/")
                || in.current().isOperator("//")
                || in.current().isOperator("%")) {
            Token operator = in.next();
            left = new Node.Binary(operator.text(), left, power(), operator.line());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (in.current().isOperator("**")) {
            int line = in.next().line();
            left = new Node.Binary("**", left, unary(true), line);
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        Token token = in.current();
        Expression value;
        if (token.isOperator("-") || token.isOperator("+")) {
            in.next();
            in.enter();
            value = new Node.Unary(token.text(), unary(false), token.line());
            in.leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilters ? filters(value) : value;
    }

    private Expression primary() {
        Token token = in.next();
        int line = token.line();
        switch (token.kind()) {
            case NAME -> {
                if (CONSTANTS.containsKey(token.text())) {
                    return new Node.Constant(CONSTANTS.get(token.text()), line);
                }
                if (REFUSED.contains(token.text())) {
                    throw new TemplateException("the function '" + token.text() + "' is not supported", line);
                }
                mentions.add(token.text());
                return new Node.Name(token.text(), line);
            }
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (in.current().is(Kind.STRING)) {
                    text.append(in.next().text());
                }
                return new Node.Constant(text.toString(), line);
            }
            case INTEGER -> {
                return new Node.Constant(Numbers.parse(token.text()), line);
            }
            case FLOAT -> {
                return new Node.Constant(Double.valueOf(token.text()), line);
            }
            default -> {
                if (token.isOperator("(")) {
                    return parenthesized(line);
                }
                if (token.isOperator("[")) {
                    return new Node.ListOf(items("]"), line);
                }
                if (token.isOperator("{")) {
                    return dict(line);
                }
                throw new TemplateException("expected an expression, found " + token.describe(), line);
            }
        }
    }

    private Expression parenthesized(int line) {
        if (in.skipOperator(")")) {
            return new Node.TupleOf(List.of(), line);
        }
        Expression value = tuple(true);
        in.expectOperator(")");
        return value;
    }

    /** One expression, or several with commas between or after, which make a tuple. */
    Expression tuple(boolean conditional) {
        int line = in.line();
        Expression first = expression(conditional);
        if (!in.current().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (in.skipOperator(",")) {
            if (endsTuple()) {
                break;
            }
            items.add(expression(conditional));
        }
        return new Node.TupleOf(items, line);
    }

    private boolean endsTuple() {
        Token token = in.current();
        return token.is(Kind.VARIABLE_END) || token.is(Kind.BLOCK_END) || token.isOperator(")");
    }

    private List<Expression> items(String close) {
        List<Expression> items = new ArrayList<>();
        while (!in.current().isOperator(close)) {
            if (!items.isEmpty()) {
                in.expectOperator(",");
            }
            if (in.current().isOperator(close)) {
                break;
            }
            items.add(expression());
        }
        in.expectOperator(close);
        return items;
    }

    private Expression dict(int line) {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!in.current().isOperator("}")) {
            if (!keys.isEmpty()) {
                in.expectOperator(",");
            }
            if (in.current().isOperator("}")) {
                break;
            }
            keys.add(expression());
            in.expectOperator(":");
            values.add(expression());
        }
        in.expectOperator("}");
        return new Node.DictOf(keys, values, line);
    }

    Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            if (in.current().isOperator(".")) {
                in.next();
                Token name = in.next();
                if (name.is(Kind.NAME)) {
                    value = new Node.Attribute(value, name.text(), name.line());
                } else if (name.is(Kind.INTEGER)) {
                    Expression key = new Node.Constant(Numbers.parse(name.text()), name.line());
                    value = new Node.Item(value, key, name.line());
                } else {
                    throw new TemplateException("expected a name after '.', found " + name.describe(), name.line());
                }
            } else if (in.current().isOperator("[")) {
                value = subscript(value, in.next().line());
            } else if (in.current().isOperator("(")) {
                int line = in.line();
                value = new Node.Call(value, arguments(), line);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression object, int line) {
        Expression from = null;
        if (!in.current().isOperator(":")) {
            from = expression();
            if (in.current().isOperator(",")) {
                List<Expression> keys = new ArrayList<>(List.of(from));
                while (in.skipOperator(",")) {
                    keys.add(expression());
                }
                from = new Node.TupleOf(keys, line);
            }
            if (in.skipOperator("]")) {
                return new Node.Item(object, from, line);
            }
        }
        in.expectOperator(":");
        Expression to = in.current().isOperator(":") || in.current().isOperator("]") ? null : expression();
        Expression step = null;
        if (in.skipOperator(":") && !in.current().isOperator("]")) {
            step = expression();
        }
        in.expectOperator("]");
        return new Node.Slice(object, from, to, step, line);
    }

    Arguments arguments() {
        in.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<Expression> named = new ArrayList<>();
        boolean first = true;
        while (!in.current().isOperator(")")) {
            if (!first) {
                in.expectOperator(",");
                if (in.current().isOperator(")")) {
                    break;
                }
            }
            first = false;
            Token token = in.current();
            if (token.isOperator("*") || token.isOperator("**")) {
                throw new TemplateException("unpacked arguments ('" + token.text() + "') are not supported", in.line());
            }
            if (token.is(Kind.NAME) && in.following().isOperator("=")) {
                in.next();
                in.next();
                if (names.contains(token.text())) {
                    throw new TemplateException("the argument '" + token.text() + "' is given twice", token.line());
                }
                names.add(token.text());
                named.add(expression());
            } else {
                if (!names.isEmpty()) {
                    throw new TemplateException("a positional argument follows a named one", token.line());
                }
                positional.add(expression());
            }
        }
        in.expectOperator(")");
        return new Arguments(positional, names, named);
    }

    private Expression filters(Expression start) {
        Expression value = start;
        while (true) {
            if (in.current().isOperator("|")) {
                in.next();
                value = filter(value);
            } else if (in.current().isName("is")) {
                in.next();
                value = test(value);
            } else if (in.current().isOperator("(")) {
                int line = in.line();
                value = new Node.Call(value, arguments(), line);
            } else {
                return value;
            }
        }
    }

    /** A filter, its name being next, and those that follow it after bars. */
    Expression filterChain(Expression start) {
        Expression value = filter(start);
        while (in.skipOperator("|")) {
            value = filter(value);
        }
        return value;
    }

    private Expression filter(Expression value) {
        Token name = in.expect(Kind.NAME, "the name of a filter");
        if (!Filters.isKnown(name.text())) {
            throw new TemplateException("the filter '" + name.text() + "' is not supported", name.line());
        }
        Arguments arguments = in.current().isOperator("(") ? arguments() : Arguments.NONE;
        return new Node.Filtered(value, name.text(), arguments, name.line());
    }

    private Expression test(Expression value) {
        boolean negated = in.skipName("not");
        Token name = in.expect(Kind.NAME, "the name of a test");
        if (!Tests.isKnown(name.text())) {
            throw new TemplateException("the test '" + name.text() + "' is not supported", name.line());
        }
        Arguments arguments = Arguments.NONE;
        Token token = in.current();
        if (token.isOperator("(")) {
            arguments = arguments();
        } else if (beginsArgument(token)) {
            if (token.isName("is")) {
                throw new TemplateException("tests can't be chained with 'is'", token.line());
            }
            arguments = new Arguments(List.of(postfix(primary())), List.of(), List.of());
        }
        Expression tested = new Node.Tested(value, name.text(), arguments, name.line());
        return negated ? new Node.Not(tested, name.line()) : tested;
    }

    private static boolean beginsArgument(Token token) {
        return switch (token.kind()) {
            case NAME -> !token.isName("else") && !token.isName("or") && !token.isName("and");
            case STRING, INTEGER, FLOAT -> true;
            default -> token.isOperator("[") || token.isOperator("{");
        };
    }

    /** What can be assigned to: a name, several with commas, or {@code namespace.attribute}. */
    Expression target(boolean allowAttribute) {
        int line = in.line();
        if (in.skipOperator("(")) {
            Expression inner = target(false);
            in.expectOperator(")");
            return inner;
        }
        Expression first = targetName(allowAttribute);
        if (!in.current().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (in.skipOperator(",")) {
            if (!in.current().is(Kind.NAME) && !in.current().isOperator("(")
                    || in.current().isName("in")) {
                break;
            }
            if (in.current().isOperator("(")) {
                items.add(target(false));
            } else {
                items.add(targetName(allowAttribute));
            }
        }
        return new Node.TupleOf(items, line);
    }

    private Expression targetName(boolean allowAttribute) {
        Token name = in.expect(Kind.NAME, "a name to assign to");
        if (CONSTANTS.containsKey(name.text())) {
            throw new TemplateException("can't assign to '" + name.text() + "'", name.line());
        }
        if (allowAttribute && in.skipOperator(".")) {
            Token attribute = in.expect(Kind.NAME, "a name after '.'");
            mentions.add(name.text());
            return new Node.Attribute(new Node.Name(name.text(), name.line()), attribute.text(), name.line());
        }
        return new Node.Name(name.text(), name.line());
    }
}
