package dev.prag.answering;

/**
 * A way of answering: when passages are retrieved, and through what they reach the model. All methods use the same
 * prompts, so that they differ in nothing else.
 *
 * @param name such as {@code in-context} or {@code flare+adapters}
 */
public record Method(String name, Strategy strategy, Injection injection) {
    /** The method whose own choices in a recipe hold for how this one composes adapters. */
    String composesAs() {
        return switch (injection.name()) {
            case AdapterInjection.NAME -> Methods.PARAMETRIC;
            case BothInjection.NAME -> Methods.COMBINED;
            default -> name;
        };
    }
}
