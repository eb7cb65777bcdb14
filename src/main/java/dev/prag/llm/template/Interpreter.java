package dev.prag.llm.template;

import dev.prag.llm.template.Node.Expression;
import dev.prag.llm.template.Node.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Runs statements, which write text. */
final class Interpreter {
    /** Calls of macros within macros past this depth are refused. */
    private static final int MAX_DEPTH = 100;

    private int depth;

    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    /** The text of a whole template. */
    static String render(List<Statement> template, Scope scope) {
        StringBuilder out = new StringBuilder();
        new Interpreter().run(template, scope, out);
        return out.toString();
    }

    Object evaluate(Expression expression, Scope scope) {
        return Evaluator.evaluate(expression, scope);
    }

    /** What statements render to, apart from the rest. */
    String captured(List<Statement> body, Scope scope) {
        if (++depth > MAX_DEPTH) {
            throw new TemplateException("macros call each other more than " + MAX_DEPTH + " deep");
        }
        StringBuilder out = new StringBuilder();
        run(body, scope, out);
        depth--;
        return out.toString();
    }

    private Flow run(List<Statement> statements, Scope scope, StringBuilder out) {
        for (Statement statement : statements) {
            try {
                Budget.spend(1);
                Flow flow = run(statement, scope, out);
                Budget.check(out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            } catch (TemplateException e) {
                throw e.at(statement.line());
            }
        }
        return Flow.NEXT;
    }

    private Flow run(Statement statement, Scope scope, StringBuilder out) {
        switch (statement) {
            case Node.Data d -> write(d.text(), out);
            case Node.Print p -> write(Values.str(evaluate(p.value(), scope)), out);
            case Node.If i -> {
                boolean holds = Values.isTrue(evaluate(i.test(), scope));
                return run(holds ? i.then() : i.otherwise(), scope, out);
            }
            case Node.For f -> {
                return loop(f, scope, out);
            }
            case Node.Assign s -> assign(s.target(), evaluate(s.value(), scope), scope);
            case Node.AssignBlock s -> assign(s.target(), filtered(s.body(), s.filtered(), scope), scope);
            case Node.FilterBlock f -> write(Values.str(filtered(f.body(), f.filtered(), scope)), out);
            case Node.With w -> {
                Scope inner = new Scope(scope);
                for (int i = 0; i < w.targets().size(); i++) {
                    assign(w.targets().get(i), evaluate(w.values().get(i), scope), inner);
                }
                return run(w.body(), inner, out);
            }
            case Node.Generation g -> run(g.body(), new Scope(scope), out);
            case Node.Macro m -> scope.set(m.name(), new Macro(m, scope, this));
            case Node.CallBlock c ->
                write(Values.str(Evaluator.call(c.call(), scope, new Macro(c.caller(), scope, this))), out);
            case Node.Break b -> {
                return Flow.BREAK;
            }
            case Node.Continue c -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NEXT;
    }

    private static void write(String text, StringBuilder out) {
        Budget.make(text.length());
        out.append(text);
    }

    private Object filtered(List<Statement> body, Expression filters, Scope scope) {
        Scope inner = new Scope(scope);
        inner.set(Evaluator.CAPTURED, captured(body, new Scope(scope)));
        return evaluate(filters, inner);
    }

    private Flow loop(Node.For loop, Scope scope, StringBuilder out) {
        List<Object> items = new ArrayList<>();
        Iterator<Object> all = Values.iterate(evaluate(loop.items(), scope));
        while (all.hasNext()) {
            Budget.spend(1);
            Object item = all.next();
            if (loop.filter() != null) {
                Scope test = new Scope(scope);
                assign(loop.target(), item, test);
                if (!Values.isTrue(evaluate(loop.filter(), test))) {
                    continue;
                }
            }
            items.add(item);
        }
        if (items.isEmpty()) {
            return run(loop.otherwise(), new Scope(scope), out);
        }
        Loop state = new Loop(items);
        while (state.hasNext()) {
            Scope inner = new Scope(scope);
            assign(loop.target(), state.advance(), inner);
            inner.set("loop", state);
            if (run(loop.body(), inner, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private void assign(Expression target, Object value, Scope scope) {
        switch (target) {
            case Node.Name n -> scope.set(n.name(), value);
            case Node.TupleOf t -> unpack(t, Values.iterate(value), scope);
            case Node.Attribute a -> {
                Object object = evaluate(a.object(), scope);
                if (!(object instanceof Namespace namespace)) {
                    throw Values.used(object, "cannot assign attribute on non-namespace object");
                }
                namespace.attributes().put(a.name(), value);
            }
            default -> throw new IllegalStateException("no target: " + target);
        }
    }

    private void unpack(Node.TupleOf targets, Iterator<Object> values, Scope scope) {
        int wanted = targets.items().size();
        for (int i = 0; i < wanted; i++) {
            if (!values.hasNext()) {
                throw new TemplateException("not enough values to unpack (expected " + wanted + ", got " + i + ")");
            }
            assign(targets.items().get(i), values.next(), scope);
        }
        if (values.hasNext()) {
            throw new TemplateException("too many values to unpack (expected " + wanted + ")");
        }
    }
}
