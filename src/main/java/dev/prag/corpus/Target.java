package dev.prag.corpus;

/**
 * A model and a recipe that passages are encoded under.
 *
 * @param model content hash of the model
 * @param recipe hash of the recipe
 * @param modelName of the model, for people
 * @param recipeName of the recipe, for people
 */
public record Target(String model, String recipe, String modelName, String recipeName) {}
