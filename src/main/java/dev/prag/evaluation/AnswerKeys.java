package dev.prag.evaluation;

import dev.prag.base.Hashes;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** What an answer is known by: the model, the recipe, how it is asked, and the question. What the corpus holds isn't in it. */
final class AnswerKeys {
    /** Settings that decide how a question is answered. */
    private static final String SETTINGS = "prag.answering.";

    private final String model;
    private final Recipe recipe;
    private final String filter;
    private final Map<String, String> settings = new TreeMap<>();

    /** @param filter null for none */
    AnswerKeys(String model, Recipe recipe, Map<String, Object> filter) {
        this.model = model;
        this.recipe = recipe;
        this.filter = filter == null ? "" : new TreeMap<>(filter).toString();
        Config config = ConfigProvider.getConfig();
        for (String name : config.getPropertyNames()) {
            if (name.startsWith(SETTINGS)) {
                config.getOptionalValue(name, String.class).ifPresent(value -> settings.put(name, value));
            }
        }
        for (String name : new String[] {"prag.weights", "prag.dtype"}) {
            config.getOptionalValue(name, String.class).ifPresent(value -> settings.put(name, value));
        }
    }

    /** @param composing how the row composes, with nothing left open */
    String of(Row row, Composing composing, Question question) {
        return Hashes.builder()
                .add(model)
                .add(recipe.hash())
                .add(recipe.answering().toString())
                .add(settings.toString())
                .add(filter)
                .add(row.method())
                .add(composing.toString())
                .add(question.question())
                .hex()
                .substring(0, 32);
    }
}
