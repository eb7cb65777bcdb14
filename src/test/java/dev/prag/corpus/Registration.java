package dev.prag.corpus;

/** Targets of tests. */
public final class Registration {
    private Registration() {}

    /** Registers a model and a recipe, and makes all rows. */
    public static void of(Targets targets, String model, String recipe) {
        targets.register(new Target(model, recipe, "a model", "a recipe"));
        targets.fillAll(model, recipe);
    }
}
