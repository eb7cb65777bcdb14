package dev.prag.answering;

import dev.prag.base.Home;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import java.nio.file.Path;
import java.util.Optional;

/** A classifier that is kept in a folder of a test's own. */
public final class TestClassifier {
    private TestClassifier() {}

    public static QuestionClassifier in(Path folder, ModelRuntime runtime, Recipes recipes) {
        return named(folder, null, runtime, recipes);
    }

    /** @param file that the setting names; null for none */
    static QuestionClassifier named(Path folder, String file, ModelRuntime runtime, Recipes recipes) {
        StrategySettings settings = new StrategySettings();
        settings.classifier = Optional.ofNullable(file);
        return new QuestionClassifier(runtime, recipes, Home.of(folder), settings);
    }
}
