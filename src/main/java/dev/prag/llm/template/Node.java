package dev.prag.llm.template;

import java.util.List;
import java.util.Set;

/** The tree of a parsed template: statements, and the expressions in them. */
sealed interface Node {
    /** Line of the template, from 1. */
    int line();

    sealed interface Statement extends Node {}

    record Data(String text, int line) implements Statement {}

    record Print(Expression value, int line) implements Statement {}

    /** {@code otherwise} is empty where there is none; an elif is an If in it. */
    record If(Expression test, List<Statement> then, List<Statement> otherwise, int line) implements Statement {}

    /** {@code filter} is null where there is none. */
    record For(
            Expression target,
            Expression items,
            Expression filter,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    record Assign(Expression target, Expression value, int line) implements Statement {}

    /** A set block; {@code filtered} is the chain of filters over {@link Captured}. */
    record AssignBlock(Expression target, Expression filtered, List<Statement> body, int line) implements Statement {}

    /** A filter block: what the body renders to, through filters, is printed. */
    record FilterBlock(Expression filtered, List<Statement> body, int line) implements Statement {}

    record With(List<Expression> targets, List<Expression> values, List<Statement> body, int line)
            implements Statement {}

    /** A generation block, which marks what the assistant wrote: only a scope when rendered. */
    record Generation(List<Statement> body, int line) implements Statement {}

    /**
     * @param defaults of the last parameters
     * @param mentions names the body mentions, for {@code varargs}, {@code kwargs} and {@code caller}
     */
    record Macro(
            String name,
            List<String> parameters,
            List<Expression> defaults,
            Set<String> mentions,
            List<Statement> body,
            int line)
            implements Statement {}

    /** A call block: the macro {@code caller} is handed to the call as {@code caller}. */
    record CallBlock(Call call, Macro caller, int line) implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}

    sealed interface Expression extends Node {}

    record Constant(Object value, int line) implements Expression {}

    record Name(String name, int line) implements Expression {}

    record ListOf(List<Expression> items, int line) implements Expression {}

    record TupleOf(List<Expression> items, int line) implements Expression {}

    record DictOf(List<Expression> keys, List<Expression> values, int line) implements Expression {}

    record Attribute(Expression object, String name, int line) implements Expression {}

    record Item(Expression object, Expression key, int line) implements Expression {}

    /** Missing bounds are null. */
    record Slice(Expression object, Expression from, Expression to, Expression step, int line) implements Expression {}

    record Call(Expression function, Arguments arguments, int line) implements Expression {}

    record Filtered(Expression value, String filter, Arguments arguments, int line) implements Expression {}

    record Tested(Expression value, String test, Arguments arguments, int line) implements Expression {}

    record Unary(String operator, Expression operand, int line) implements Expression {}

    record Binary(String operator, Expression left, Expression right, int line) implements Expression {}

    record And(Expression left, Expression right, int line) implements Expression {}

    record Or(Expression left, Expression right, int line) implements Expression {}

    record Not(Expression operand, int line) implements Expression {}

    /** A chain such as {@code 1 < x <= 5}: operator i compares operand i with operand i + 1. */
    record Comparison(List<Expression> operands, List<String> operators, int line) implements Expression {}

    /** {@code otherwise} is null where there is none. */
    record Conditional(Expression test, Expression then, Expression otherwise, int line) implements Expression {}

    record Concatenation(List<Expression> parts, int line) implements Expression {}

    /** What the block around renders to: the innermost value of a block's filters. */
    record Captured(int line) implements Expression {}

    record Arguments(List<Expression> positional, List<String> names, List<Expression> named) {
        static final Arguments NONE = new Arguments(List.of(), List.of(), List.of());
    }
}
