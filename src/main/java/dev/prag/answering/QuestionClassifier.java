package dev.prag.answering;

import dev.prag.base.Home;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells what questions need (Jeong et al., Adaptive-RAG, 2024): the base model with an adapter that was trained to write a
 * letter. It is kept in a file under model and recipe, as what a question needs depends on both.
 */
@Singleton
public final class QuestionClassifier {
    private static final String MODEL = "model";
    private static final String RECIPE = "recipe";
    private static final int SHOWN = 16;
    /** How it is asked: an adapter that was trained for another form knows nothing of this one. */
    private static final String FORM = "form";

    private static final String QUESTION_ALONE = "question";

    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final Home home;
    private final StrategySettings settings;
    private Optional<Adapter> adapter;

    @Inject
    QuestionClassifier(ModelRuntime runtime, Recipes recipes, Home home, StrategySettings settings) {
        this.runtime = runtime;
        this.recipes = recipes;
        this.home = home;
        this.settings = settings;
    }

    /** The prompt behind which the letter stands, as ids: the question alone, as the adapter knows what is asked of it. */
    public int[] prompt(String question) {
        LanguageModel model = runtime.languageModel();
        return model.chatIds(List.of(Map.of("role", "user", "content", question)), true);
    }

    /** The letter, as ids. */
    public int[] label(Complexity complexity) {
        return runtime.languageModel().tokenizer().encodeFollowing(complexity.label());
    }

    /**
     * What a question needs; empty where there is no classifier.
     *
     * @throws UserException if a setting names a file that is none for this model
     */
    Optional<Complexity> classify(String question) {
        return adapter().map(trained -> classify(trained, question));
    }

    /** The same by a certain adapter. */
    public Complexity classify(Adapter trained, String question) {
        int[] prompt = prompt(question);
        if (prompt.length + 1 >= runtime.context()) {
            return Complexity.SINGLE;
        }
        double[] scores = runtime.labels(trained)
                .logProbabilities(
                        prompt, Stream.of(Complexity.values()).map(this::label).toList());
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return Complexity.values()[best];
    }

    /**
     * Keeps a classifier for the model and recipe in force, in the place of the one before.
     *
     * @param about what is known of it, for people
     * @return its file
     * @throws UserException if it can't be written
     */
    public synchronized Path keep(Adapter trained, Map<String, String> about) {
        Map<String, String> metadata = new HashMap<>(about);
        metadata.put(FORM, QUESTION_ALONE);
        metadata.put(MODEL, runtime.modelId());
        metadata.put(RECIPE, recipes.current().hash());
        Path file = file();
        try {
            Files.createDirectories(file.getParent());
            Path part = Files.createTempFile(file.getParent(), "classifier", ".part");
            Files.write(part, AdapterCodec.encode(trained, metadata));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "classifier " + file + ": it can't be written (" + IoReason.of(e) + ")",
                    e);
        }
        adapter = Optional.of(trained);
        return file;
    }

    private Path file() {
        return home.path(
                "classifiers",
                runtime.modelId().substring(0, SHOWN) + "-"
                        + recipes.current().hash().substring(0, SHOWN) + ".safetensors");
    }

    /** The adapter in force, read once. */
    private synchronized Optional<Adapter> adapter() {
        if (adapter == null) {
            Optional<Path> named =
                    settings.classifier.filter(name -> !name.isBlank()).map(Path::of);
            Path file = named.orElseGet(this::file);
            adapter = named.isPresent() || Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
        }
        return adapter;
    }

    private Adapter read(Path file) {
        AdapterCodec.Decoded decoded;
        try {
            decoded = AdapterCodec.decode(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "classifier " + file + " (prag.answering.adaptive.classifier): it can't be read (" + IoReason.of(e)
                            + "); name a file that `prag adaptive train` wrote",
                    e);
        }
        requireSame(file, decoded, MODEL, runtime.modelId(), "for this model");
        requireSame(file, decoded, FORM, QUESTION_ALONE, "on questions alone, as they are asked now");
        return decoded.adapter();
    }

    private static void requireSame(Path file, AdapterCodec.Decoded decoded, String key, String wanted, String how) {
        if (!wanted.equals(decoded.metadata().get(key))) {
            throw new UserException("classifier " + file + " (prag.answering.adaptive.classifier) was not trained "
                    + how + "; `prag adaptive train` makes one");
        }
    }
}
