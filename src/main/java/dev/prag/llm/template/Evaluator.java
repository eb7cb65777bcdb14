package dev.prag.llm.template;

import dev.prag.llm.template.Node.Arguments;
import dev.prag.llm.template.Node.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values of expressions. */
final class Evaluator {
    /** Under this name, which no template can write, a scope keeps what the block around rendered to. */
    static final String CAPTURED = "";

    private Evaluator() {}

    static Object evaluate(Expression expression, Scope scope) {
        try {
            Budget.spend(1);
            return value(expression, scope);
        } catch (TemplateException e) {
            throw e.at(expression.line());
        }
    }

    private static Object value(Expression expression, Scope scope) {
        return switch (expression) {
            case Node.Constant c -> c.value();
            case Node.Name n -> {
                Object value = scope.get(n.name());
                yield value == Args.MISSING ? Undefined.name(n.name()) : value;
            }
            case Node.Attribute a -> Members.attribute(evaluate(a.object(), scope), a.name());
            case Node.Item i -> Members.item(evaluate(i.object(), scope), evaluate(i.key(), scope));
            case Node.Slice s ->
                Operators.slice(
                        evaluate(s.object(), scope),
                        optional(s.from(), scope),
                        optional(s.to(), scope),
                        optional(s.step(), scope));
            case Node.Call c -> made(call(c, scope, null));
            case Node.Filtered f ->
                made(Filters.apply(
                        f.filter(), evaluate(f.value(), scope), arguments(f.filter(), f.arguments(), scope, null)));
            case Node.Tested t ->
                Tests.test(t.test(), evaluate(t.value(), scope), arguments(t.test(), t.arguments(), scope, null));
            case Node.Comparison c -> comparison(c, scope);
            case Node.And a -> {
                Object left = evaluate(a.left(), scope);
                yield Values.isTrue(left) ? evaluate(a.right(), scope) : left;
            }
            case Node.Or o -> {
                Object left = evaluate(o.left(), scope);
                yield Values.isTrue(left) ? left : evaluate(o.right(), scope);
            }
            case Node.Not n -> !Values.isTrue(evaluate(n.operand(), scope));
            case Node.Conditional c -> {
                if (Values.isTrue(evaluate(c.test(), scope))) {
                    yield evaluate(c.then(), scope);
                }
                yield c.otherwise() != null
                        ? evaluate(c.otherwise(), scope)
                        : new Undefined("the inline if-expression evaluated to false and no else section was defined.");
            }
            case Node.Concatenation c -> {
                StringBuilder text = new StringBuilder();
                for (Object part : all(c.parts(), scope)) {
                    String more = Values.str(part);
                    Budget.make((long) text.length() + more.length());
                    text.append(more);
                }
                yield text.toString();
            }
            case Node.Unary u -> Operators.unary(u.operator(), evaluate(u.operand(), scope));
            case Node.Binary b -> Operators.binary(b.operator(), evaluate(b.left(), scope), evaluate(b.right(), scope));
            case Node.ListOf l -> all(l.items(), scope);
            case Node.TupleOf t -> new Tuple(all(t.items(), scope));
            case Node.DictOf d -> {
                Map<Object, Object> map = new LinkedHashMap<>();
                for (int i = 0; i < d.keys().size(); i++) {
                    map.put(
                            Operators.key(evaluate(d.keys().get(i), scope)),
                            evaluate(d.values().get(i), scope));
                }
                yield map;
            }
            case Node.Captured c -> scope.get(CAPTURED);
        };
    }

    /** A new value, charged for. */
    private static Object made(Object value) {
        Budget.make(
                switch (value) {
                    case String s -> s.length();
                    case Range r -> 1;
                    case List<?> l -> l.size();
                    case null, default -> 1;
                });
        return value;
    }

    private static Object optional(Expression expression, Scope scope) {
        return expression == null ? null : evaluate(expression, scope);
    }

    private static List<Object> all(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        return values;
    }

    private static boolean comparison(Node.Comparison comparison, Scope scope) {
        Object left = evaluate(comparison.operands().getFirst(), scope);
        for (int i = 0; i < comparison.operators().size(); i++) {
            Object right = evaluate(comparison.operands().get(i + 1), scope);
            if (!Operators.compare(comparison.operators().get(i), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    /** A call; with the macro of a call block, or null. */
    static Object call(Node.Call call, Scope scope, Macro caller) {
        Object function = evaluate(call.function(), scope);
        String name =
                switch (call.function()) {
                    case Node.Name n -> n.name();
                    case Node.Attribute a -> a.name();
                    default -> "function";
                };
        if (!(function instanceof Callable callable)) {
            throw Values.used(function, "'" + name + "' can't be called: it is a " + Values.typeName(function))
                    .at(call.line());
        }
        return callable.call(arguments(name, call.arguments(), scope, caller));
    }

    private static Args arguments(String function, Arguments arguments, Scope scope, Macro caller) {
        if (arguments == Arguments.NONE) {
            return new Args(function, List.of(), Map.of());
        }
        Map<String, Object> named = new LinkedHashMap<>();
        List<Object> positional = all(arguments.positional(), scope);
        for (int i = 0; i < arguments.names().size(); i++) {
            named.put(arguments.names().get(i), evaluate(arguments.named().get(i), scope));
        }
        if (caller != null) {
            named.put("caller", caller);
        }
        return new Args(function, positional, named);
    }
}
