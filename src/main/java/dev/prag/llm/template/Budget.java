package dev.prag.llm.template;

import java.util.function.Supplier;

/**
 * What one rendering may cost, since templates come from outside: steps (an expression, a statement or an item of a loop
 * is one; making text or a list costs with its length) and the size of any one value. An honest template uses a small
 * part of it.
 */
final class Budget {
    /** Most characters of a text, or items of a list. */
    static final int MAX_SIZE = 4_000_000;

    private static final long MAX_STEPS = 10_000_000;
    /** Characters or items that are made in a step. */
    private static final int PER_STEP = 4;
    /** Characters that are compared in a step. */
    private static final int COMPARED_PER_STEP = 4096;

    private static final ScopedValue<Budget> CURRENT = ScopedValue.newInstance();

    private long left = MAX_STEPS;

    private Budget() {}

    /**
     * Runs something within a budget of its own.
     *
     * @throws TemplateException if it takes more than that, or more stack than there is
     */
    static <T> T within(Supplier<T> work) {
        try {
            return ScopedValue.where(CURRENT, new Budget()).call(work::get);
        } catch (StackOverflowError e) {
            throw tooDeep();
        }
    }

    /** The error of a template that needs more stack than there is. */
    static TemplateException tooDeep() {
        return new TemplateException("nested too deep");
    }

    /** Takes steps; free where nothing is rendered. */
    static void spend(long steps) {
        if (CURRENT.isBound()) {
            Budget budget = CURRENT.get();
            budget.left -= steps;
            if (budget.left < 0) {
                throw new TemplateException("rendering takes too many steps (more than " + MAX_STEPS + ")");
            }
        }
    }

    /** Takes what making a value of that length costs, before or after it is made. */
    static void make(long length) {
        if (length > MAX_SIZE) {
            throw new TemplateException(
                    "a value is too long: " + length + " characters or items, of at most " + MAX_SIZE);
        }
        spend(length / PER_STEP);
    }

    /** Takes what looking for a text within another can cost. */
    static void search(String text, String part) {
        spend((long) text.length() * part.length() / COMPARED_PER_STEP);
    }

    /** Refuses a text that grows too long while it is made. */
    static void check(StringBuilder growing) {
        if (growing.length() > MAX_SIZE) {
            make(growing.length());
        }
    }
}
