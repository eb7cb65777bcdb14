package dev.prag.reproduction;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What has to be there for some twins.
 *
 * @param files that are written before anything runs, with their content: recipes, and samples of questions
 * @param recipes those of the files that have to be recipes
 * @param twins what each is made of, in the order in which they are made
 */
record Plan(Map<Path, String> files, List<Path> recipes, List<Part> twins) {
    /**
     * One twin.
     *
     * @param notes what is to be known of its figures, in sentences
     */
    record Part(Twin twin, List<Measured> measured, List<String> notes) {
        Part {
            measured = List.copyOf(measured);
            notes = List.copyOf(notes);
        }
    }

    Plan {
        files = Map.copyOf(files);
        recipes = List.copyOf(recipes);
        twins = List.copyOf(twins);
    }
}
