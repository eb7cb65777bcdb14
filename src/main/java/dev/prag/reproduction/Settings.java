package dev.prag.reproduction;

import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is to be reproduced, and with what. Paths are absolute.
 *
 * @param twins in the order in which they are made
 * @param data folder of the published sets; null for the encyclopedia of the demo
 * @param models that answer; at least one
 * @param limit how many questions of a type, or of a set; null for as many as suit
 * @param recipe a name or a file; null for the one that suits the model
 * @param methods rows of tables 1 and 4; empty for all
 * @param augmenters of table 3; empty for the models, and with the demo's model alone for it in two weights
 * @param warmUpQuestions file of questions to warm up on; null for those that come with the sets
 * @param home that the runs work on
 * @param ownHome whether that home is none of the user's
 * @param concurrency how many questions are asked at once, where seconds aren't what is measured
 * @param out folder of results
 * @param demo folder with the demo's model and encyclopedia
 */
public record Settings(
        List<Twin> twins,
        Path data,
        List<Named> models,
        Integer limit,
        String recipe,
        List<String> methods,
        List<Named> augmenters,
        Path warmUpQuestions,
        Path home,
        boolean ownHome,
        int concurrency,
        Path out,
        Path demo) {
    public Settings {
        twins = List.copyOf(twins);
        models = List.copyOf(models);
        methods = List.copyOf(methods);
        augmenters = List.copyOf(augmenters);
        if (limit != null && limit < 1) {
            throw new UserException("--limit is " + limit + "; ask at least one question");
        }
        if (concurrency < 1) {
            throw new UserException("--concurrency is " + concurrency + "; ask at least one question at once");
        }
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new UserException("--out: " + out + " is a file; name a folder");
        }
        requireDifferent("--models", models);
        requireDifferent("--augmenters", augmenters);
        if (warmUpQuestions != null && !Files.isRegularFile(warmUpQuestions)) {
            throw new UserException(
                    Kind.NOT_FOUND, "--warmup-questions: " + warmUpQuestions + " is no file; name one of questions");
        }
    }

    private static void requireDifferent(String option, List<Named> models) {
        Set<String> names = new HashSet<>();
        for (Named model : models) {
            if (!names.add(model.name())) {
                throw new UserException(option + " names two models that are called " + model.name()
                        + ", which the tables couldn't tell apart; rename the folder of one, or leave it out");
            }
        }
    }

    /**
     * A model by the name that tables and files have for it.
     *
     * @param weights {@code int8}, or null for all of them
     */
    public record Named(String name, Path place, String weights) {
        private static final String INT8 = "int8";
        private static final String ENDING = ".gguf";

        /** A folder or GGUF file by its own name; one that ends with {@code :int8} in these weights. */
        public static Named of(String given) {
            boolean int8 = given.endsWith(":" + INT8);
            String path = int8 ? given.substring(0, given.length() - INT8.length() - 1) : given;
            if (path.isBlank()) {
                throw new UserException("a model has no name; name its folder, or leave the option out");
            }
            Path place = Path.of(path).toAbsolutePath().normalize();
            String name =
                    place.getFileName() == null ? "model" : place.getFileName().toString();
            return of(name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name, place, int8);
        }

        /** The model that comes with the program. */
        public static Named ofDemo(Path demo) {
            return ofDemo(demo, false);
        }

        static Named ofDemo(Path demo, boolean int8) {
            return of("demo", demo.resolve("model"), int8);
        }

        private static Named of(String name, Path place, boolean int8) {
            return new Named(name + (int8 ? " " + INT8 : ""), place, int8 ? INT8 : null);
        }

        /** As part of a file's name. */
        String inFiles() {
            return name.replaceAll("[^A-Za-z0-9._-]", "_");
        }
    }

    boolean isDemo(Named model) {
        return model.place().equals(demo.resolve("model"));
    }

    /** Without a set of the user's, the encyclopedia of the demo is asked about. */
    boolean asksTheDemo() {
        return data == null;
    }
}
