package dev.prag.llm.template;

/** What can be called: a function, a macro, a method bound to its object. */
@FunctionalInterface
interface Callable {
    Object call(Args args);
}
