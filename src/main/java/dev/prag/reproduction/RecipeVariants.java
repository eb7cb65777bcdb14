package dev.prag.reproduction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.parameterization.Recipe;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A recipe, and others that differ from it in one thing each: files that are still to be written. */
final class RecipeVariants {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String TRAINING = "training";

    private final String given;
    private final Recipe recipe;
    private final Path folder;
    private final Map<Path, String> files = new LinkedHashMap<>();

    /**
     * @param given a recipe's name, or an absolute file
     * @param folder that the others are written to
     * @throws dev.prag.base.UserException if it is none
     */
    RecipeVariants(String given, Path folder) {
        this.given = given;
        this.folder = folder;
        recipe = Recipe.load(given);
    }

    /** One way of making adapters: what {@code --recipe} names, and the file that decides it where it is one. */
    record Variant(String recipe, List<Path> inputs) {}

    Recipe recipe() {
        return recipe;
    }

    /** The recipe as it is. */
    Variant asGiven() {
        return new Variant(given, Recipe.NAMES.contains(given) ? List.of() : List.of(Path.of(given)));
    }

    /** With adapters that begin at random. */
    Variant random(String model) {
        if (recipe.training().init() == null) {
            return asGiven();
        }
        ObjectNode json = json();
        training(json).remove("init");
        return written(model, "random", json);
    }

    /** With adapters that begin with one that is trained first. */
    Variant warm(String model, String name, Path init) {
        ObjectNode json = json();
        training(json).put("init", init.toString());
        return written(model, "warm-" + name, json);
    }

    /** With passages that another model augments. */
    Variant augmentedBy(String model, Settings.Named augmenter) {
        ObjectNode json = json();
        ObjectNode augmentation = (ObjectNode) json.get("augmentation");
        augmentation.put("model", augmenter.place().toString());
        if (augmenter.weights() == null) {
            augmentation.remove("weights");
        } else {
            augmentation.put("weights", augmenter.weights());
        }
        Variant variant = written(model, "by-" + augmenter.inFiles(), json);
        return new Variant(variant.recipe(), List.of(variant.inputs().getFirst(), augmenter.place()));
    }

    /** Trained on less than the whole augmentation. */
    Variant without(String model, String name, List<String> leftOut) {
        ObjectNode json = json();
        training(json).set("leaveOut", JSON.valueToTree(leftOut));
        return written(model, name, json);
    }

    /** What has to be written, by file. */
    Map<Path, String> files() {
        return files;
    }

    private Variant written(String model, String name, ObjectNode json) {
        json.put("name", recipe.name() + "-" + name);
        Path file = folder.resolve(model + "-" + name + ".json");
        files.put(file, json.toPrettyString() + "\n");
        return new Variant(file.toString(), List.of(file));
    }

    private ObjectNode json() {
        try {
            return (ObjectNode) JSON.readTree(recipe.toJson());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a recipe's own JSON", e);
        }
    }

    private static ObjectNode training(ObjectNode recipe) {
        return (ObjectNode) recipe.get(TRAINING);
    }
}
