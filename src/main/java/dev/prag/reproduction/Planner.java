package dev.prag.reproduction;

import dev.prag.answering.Methods;
import dev.prag.base.UserException;
import dev.prag.reproduction.Material.Training;
import dev.prag.reproduction.Plan.Part;
import dev.prag.reproduction.RecipeVariants.Variant;
import dev.prag.reproduction.Settings.Named;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Plans what has to be run for the twins. It reads what is there and runs and writes nothing. */
final class Planner {
    /** The paper's methods and those that are there besides, in the order of its Table 1. */
    static final List<String> METHODS = List.of(
            "closed-book",
            "in-context",
            "doc-augmented",
            "flare",
            "flare-sentence",
            "dragin",
            "ircot",
            "adaptive",
            "parametric",
            "combined");

    /** Those of the paper's Table 4. */
    private static final List<String> TIMED =
            List.of("parametric", "combined", "in-context", "flare-sentence", "dragin");

    private static final String PARAMETRIC = "parametric";
    /** The paper's warm-up takes so many questions whose answers have steps, its code so many without. */
    private static final int WARM_WITH_STEPS = 600;

    private static final int WARM_WITHOUT_STEPS = 2000;
    /** The first answers of a process take the time in which it becomes fast. */
    private static final int DROPPED = 8;

    private static final int SHORT_ID = 8;

    private final Settings settings;
    private final Material material;
    private final Fingerprints fingerprints;
    private final Map<String, RecipeVariants> recipes = new LinkedHashMap<>();
    private final Optional<Run> ingest;
    private final String corpus;

    /** @throws UserException naming what is amiss with what is given */
    Planner(Settings settings, Fingerprints fingerprints) {
        this.settings = settings;
        this.fingerprints = fingerprints;
        material = settings.asksTheDemo()
                ? new DemoMaterial(settings)
                : new PublishedMaterial(settings, DataFolder.read(settings.data()));
        for (Named model : settings.models()) {
            String recipe = settings.recipe() != null ? settings.recipe() : settings.isDemo(model) ? "demo" : "paper";
            recipes.put(model.name(), new RecipeVariants(recipe, settings.out().resolve("recipes")));
        }
        ingest = material.ingest();
        corpus = ingest.map(run -> fingerprints.of(run).substring(0, SHORT_ID)).orElse("given");
    }

    Plan plan() {
        List<Part> parts = new ArrayList<>();
        for (Twin twin : new LinkedHashSet<>(settings.twins())) {
            List<String> notes = new ArrayList<>(material.notes());
            List<Measured> measured =
                    switch (twin) {
                        case TABLE1 -> table1();
                        case TABLE2 -> table2(notes);
                        case TABLE3 -> table3();
                        case TABLE4 -> table4(notes);
                        case FIGURE3 -> figure3();
                    };
            parts.add(new Part(twin, measured, notes));
        }
        Map<Path, String> files = new LinkedHashMap<>(material.files());
        List<Path> recipeFiles = new ArrayList<>();
        for (RecipeVariants variants : recipes.values()) {
            files.putAll(variants.files());
            recipeFiles.addAll(variants.files().keySet());
        }
        return new Plan(files, recipeFiles, parts);
    }

    private RecipeVariants of(Named model) {
        return recipes.get(model.name());
    }

    private List<Asked> totals() {
        return material.asked().stream()
                .filter(asked -> asked.sample().equals(Asked.TOTAL))
                .toList();
    }

    private List<String> methods(List<String> all) {
        return settings.methods().isEmpty() ? all : settings.methods();
    }

    private List<Measured> table1() {
        List<Measured> measured = new ArrayList<>();
        List<String> methods = methods(METHODS);
        for (Named model : settings.models()) {
            for (Asked asked : material.asked()) {
                Run run = evaluation(model, of(model).asGiven(), "", asked, methods, List.of());
                methods.forEach(method ->
                        measured.add(new Measured(run, method, model.name(), "", asked.set(), asked.sample(), 0)));
            }
        }
        return measured;
    }

    private List<Measured> table2(List<String> notes) {
        List<Measured> measured = new ArrayList<>();
        Set<String> without = new LinkedHashSet<>();
        for (Named model : settings.models()) {
            RecipeVariants variants = of(model);
            boolean steps = variants.recipe().training().steps();
            int most = steps ? WARM_WITH_STEPS : WARM_WITHOUT_STEPS;
            for (Asked asked : totals()) {
                Optional<Training> training = material.training(asked.set(), most);
                if (training.isEmpty()) {
                    without.add(asked.set());
                    continue;
                }
                measured.add(parametric(model, variants.random(model.inFiles()), "random", asked, List.of()));
                Run warmUp = warmUp(model, training.get(), most);
                Path init = Path.of(warmUp.arguments().getLast());
                Variant warm = variants.warm(model.inFiles(), training.get().name(), init);
                measured.add(parametric(model, warm, "warm", asked, List.of(warmUp)));
            }
        }
        if (measured.isEmpty()) {
            throw new UserException(
                    "table2 compares adapters with and without a warm-up, and none of the sets has questions to warm up"
                            + " on; put its training questions beside them (a file with train in its name), name some"
                            + " with --warmup-questions, or leave table2 out");
        }
        if (!without.isEmpty()) {
            notes.add("Left out, as there are no questions to warm up on: " + String.join(", ", without) + ".");
        }
        return measured;
    }

    private Run warmUp(Named model, Training training, int most) {
        List<String> arguments = new ArrayList<>(List.of("warmup"));
        arguments.addAll(on(model, of(model).random(model.inFiles())));
        arguments.addAll(List.of("--questions", training.file().toString(), "--limit", Integer.toString(most)));
        List<Path> inputs = new ArrayList<>(training.inputs());
        inputs.addAll(of(model).random(model.inFiles()).inputs());
        inputs.add(model.place());
        String name = "warmup-" + model.inFiles() + "-" + training.name();
        String id = fingerprints
                .of(new Run(name, Run.Kind.TRAIN, arguments, inputs, List.of(), training.needs()))
                .substring(0, SHORT_ID);
        Path out = settings.out().resolve("warm").resolve(model.inFiles() + "-" + training.name() + "-" + id);
        arguments.addAll(List.of("--out", out.toString()));
        return new Run(name, Run.Kind.TRAIN, arguments, inputs, List.of(), training.needs());
    }

    private List<Measured> table3() {
        List<Measured> measured = new ArrayList<>();
        for (Named model : settings.models()) {
            for (Named augmenter : augmenters()) {
                boolean itself =
                        augmenter.weights() == null && augmenter.place().equals(model.place());
                Variant variant = itself ? of(model).asGiven() : of(model).augmentedBy(model.inFiles(), augmenter);
                for (Asked asked : totals()) {
                    measured.add(parametric(model, variant, augmenter.name(), asked, List.of()));
                }
            }
        }
        return measured;
    }

    private List<Named> augmenters() {
        if (!settings.augmenters().isEmpty()) {
            return settings.augmenters();
        }
        List<Named> models = settings.models();
        return models.size() == 1 && settings.isDemo(models.getFirst())
                ? List.of(models.getFirst(), Named.ofDemo(settings.demo(), true))
                : models;
    }

    private List<Measured> table4(List<String> notes) {
        List<Measured> measured = new ArrayList<>();
        int questions = material.timedQuestions();
        int dropped = Math.min(DROPPED, questions / 4);
        for (Named model : settings.models()) {
            for (Asked asked : totals()) {
                if (material.timed().contains(asked.set())) {
                    for (String method : methods(TIMED)) {
                        Run run = timing(model, asked, method, questions);
                        measured.add(new Measured(run, method, model.name(), "", asked.set(), asked.sample(), dropped));
                    }
                }
            }
        }
        notes.add("Each method answers " + questions
                + " questions one after the other in a process of its own; the first " + dropped
                + " of them don't count.");
        return measured;
    }

    private List<Measured> figure3() {
        List<Measured> measured = new ArrayList<>();
        for (Named model : settings.models()) {
            RecipeVariants variants = of(model);
            Map<String, Variant> ablations = new LinkedHashMap<>();
            ablations.put("both", variants.asGiven());
            ablations.put("no-pairs", variants.without(model.inFiles(), "no-pairs", List.of("pairs")));
            ablations.put("no-rewrites", variants.without(model.inFiles(), "no-rewrites", List.of("rewrites")));
            ablations.put("neither", variants.without(model.inFiles(), "neither", List.of("rewrites", "pairs")));
            ablations.forEach((name, variant) ->
                    totals().forEach(asked -> measured.add(parametric(model, variant, name, asked, List.of()))));
        }
        return measured;
    }

    private Measured parametric(Named model, Variant variant, String name, Asked asked, List<Run> before) {
        // A recipe as it is has the same answers in every twin, whatever they are called there.
        String called = variant.equals(of(model).asGiven()) ? PARAMETRIC : name;
        Run run = evaluation(model, variant, called, asked, List.of(PARAMETRIC), before);
        return new Measured(run, PARAMETRIC, model.name(), name, asked.set(), asked.sample(), 0);
    }

    /** Options that every command has. */
    private List<String> on(Named model, Variant variant) {
        return List.of(
                "--home",
                settings.home().toString(),
                "--model",
                model.place().toString(),
                "--recipe",
                variant.recipe());
    }

    /** @param called what tells it from other evaluations of the model on these questions; may be empty */
    private Run evaluation(
            Named model, Variant variant, String called, Asked asked, List<String> methods, List<Run> before) {
        String name = model.inFiles() + "-" + asked.set() + "-" + asked.sample()
                + (called.isEmpty() ? "" : "-" + called.replaceAll("[^A-Za-z0-9._-]", "_"));
        return evaluate(
                name, name(model, asked.set()), model, variant, asked, methods, before, settings.concurrency(), null);
    }

    private Run timing(Named model, Asked asked, String method, int questions) {
        String name = "timing-" + model.inFiles() + "-" + asked.set() + "-" + method;
        return evaluate(name, name, model, of(model).asGiven(), asked, List.of(method), List.of(), 1, questions);
    }

    private static String name(Named model, String set) {
        return model.inFiles() + "-" + set;
    }

    private Run evaluate(
            String name,
            String log,
            Named model,
            Variant variant,
            Asked asked,
            List<String> methods,
            List<Run> before,
            int concurrency,
            Integer limit) {
        List<String> arguments = new ArrayList<>(List.of("evaluate"));
        arguments.addAll(on(model, variant));
        arguments.addAll(List.of("--questions", asked.file().toString()));
        if (limit != null) {
            arguments.addAll(List.of("--limit", limit.toString()));
        }
        arguments.addAll(List.of("--methods", String.join(",", methods), "--probes", "0"));
        arguments.addAll(List.of("--concurrency", Integer.toString(concurrency)));
        // The log doesn't know the corpus: another one has another log.
        Path answers = settings.out().resolve("answers").resolve(log + "-" + corpus + ".jsonl");
        arguments.addAll(List.of("--json", "--each", "--out", answers.toString()));
        List<Path> inputs = new ArrayList<>(asked.inputs());
        inputs.addAll(variant.inputs());
        inputs.add(model.place());
        return new Run(
                name,
                Run.Kind.EVALUATE,
                arguments,
                inputs,
                List.of(),
                methods.stream().anyMatch(Methods::needsEncoding)
                        ? List.of(encoding(model, variant, asked, before))
                        : passages(asked));
    }

    /** What has to be there for a question to be asked. */
    private List<Run> passages(Asked asked) {
        List<Run> needs = new ArrayList<>();
        ingest.ifPresent(needs::add);
        needs.addAll(asked.needs());
        return needs;
    }

    private Run encoding(Named model, Variant variant, Asked asked, List<Run> before) {
        List<String> arguments = new ArrayList<>(List.of("encode"));
        arguments.addAll(on(model, variant));
        int topK = of(model).recipe().answering().topK();
        List<String> chosen = material.chosen(asked, topK);
        arguments.addAll(chosen);
        List<Run> needs = passages(asked);
        needs.addAll(before);
        List<Path> inputs = new ArrayList<>(variant.inputs());
        inputs.add(model.place());
        if (!chosen.isEmpty()) {
            inputs.addAll(asked.inputs());
        }
        String recipe = Path.of(variant.recipe()).getFileName().toString().replace(".json", "");
        String name = "encode-" + model.inFiles() + "-" + recipe
                + (chosen.isEmpty() ? "" : "-" + asked.set() + "-" + asked.sample());
        return new Run(name, Run.Kind.TRAIN, arguments, inputs, List.of(), needs);
    }
}
