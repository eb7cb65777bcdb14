package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.augmentation.AugmentationSettings;
import dev.prag.augmentation.PromptSet;
import dev.prag.augmentation.Prompts;
import dev.prag.base.Hashes;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.lora.Scope;
import dev.prag.training.NeutralTexts;
import dev.prag.training.TrainingRecipe;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * All that decides an adapter besides the base model and the passage, and how adapters made by it are best used.
 * Recipes are JSON: those that come with the program have names ({@code demo}, {@code paper}), others are files.
 *
 * @param name for people; decides nothing
 * @param augmentation how a passage is augmented
 * @param training how its adapter is trained
 * @param answering what holds for a question unless it says otherwise; decides nothing about the adapter
 * @param resolved what the settings of this process add to a recipe that is in force; null in files, and where they add
 *     nothing
 * @param tuned how it was found, for people; decides nothing. Null for one that nobody searched for
 */
@RegisterForReflection
public record Recipe(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) AugmentationSettings augmentation,
        @JsonProperty(required = true) TrainingSettings training,
        @JsonProperty(required = true) AnsweringSettings answering,
        @JsonSetter(nulls = Nulls.SET) Resolved resolved,
        @JsonSetter(nulls = Nulls.SET) Tuned tuned) {
    /**
     * What decides adapters and stands in the settings rather than in the recipe.
     *
     * @param augmenter the model that augments passages, by its content or name; null for the one that answers where
     *     nobody names another
     * @param templateDate the day that the chat template is told; null for the usual one, and where it doesn't ask
     */
    @RegisterForReflection
    public record Resolved(
            @JsonSetter(nulls = Nulls.SET) String augmenter,
            @JsonSetter(nulls = Nulls.SET) String templateDate) {}

    /** The recipes that come with the program. */
    public static final List<String> NAMES = List.of("demo", "general", "paper");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL))
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    public Recipe {
        require(answering.maxTokens() >= 1, "maxTokens", answering.maxTokens(), "at least 1");
        require(training.rank() <= 1024, "rank", training.rank(), "at most 1024");
        Float maxNorm = training.maxNorm();
        require(maxNorm == null || maxNorm > 0, "maxNorm", maxNorm, "above 0, such as 0.02");
        require(training.epochs() <= 10_000, "epochs", training.epochs(), "at most 10000");
        // Its own checks hold for the rest.
        training.forTrainer();
        if (!trainsOnPairs(augmentation, training)) {
            requirePlain(training);
        }
    }

    /** A text alone asks nothing, so nothing of an answer can be learned, foretold or held back. */
    private static void requirePlain(TrainingSettings training) {
        String why = training.leaveOut() == null ? "augmentation.pairTemperatures is empty" : "leaveOut names pairs";
        requirePairs(training.lossOn() == TrainingSettings.LossOn.ANSWER, "lossOn is answer", why, "give all");
        requirePairs(training.weights().distillation() > 0, "loss.distillation is above 0", why, "give 0");
        requirePairs(training.validation() != null, "validation is there", why, "leave it out");
    }

    private static void requirePairs(boolean needed, String field, String why, String remedy) {
        if (needed) {
            throw new UserException(
                    "recipe: " + field + ", which needs pairs, but " + why + "; " + remedy + ", or train on pairs");
        }
    }

    private static boolean trainsOnPairs(AugmentationSettings augmentation, TrainingSettings training) {
        return augmentation.asksForPairs()
                && (training.leaveOut() == null || !training.leaveOut().contains(LeftOut.PAIRS));
    }

    /** Whether adapters learn questions and answers; else the texts alone. */
    public boolean trainsOnPairs() {
        return trainsOnPairs(augmentation, training);
    }

    /** Whether adapters learn from rewrites, where there are any. */
    public boolean trainsOnRewrites() {
        return training.leaveOut() == null || !training.leaveOut().contains(LeftOut.REWRITES);
    }

    /**
     * The recipe of that name, or in that file.
     *
     * @throws UserException if there is none, or it isn't one
     */
    public static Recipe load(String nameOrFile) {
        if (NAMES.contains(nameOrFile)) {
            try (InputStream in = Recipe.class.getResourceAsStream("/recipes/" + nameOrFile + ".json")) {
                return JSON.readValue(in, Recipe.class);
            } catch (IOException e) {
                throw new IllegalStateException("recipe " + nameOrFile, e);
            }
        }
        Path file = Path.of(nameOrFile);
        if (!Files.isRegularFile(file)) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "recipe " + nameOrFile + ": neither a recipe's name (" + String.join(", ", NAMES)
                            + ") nor a file; give one of these");
        }
        return parse(file);
    }

    private static Recipe parse(Path file) {
        try {
            Recipe recipe = JSON.readerFor(Recipe.class)
                    .withAttribute(Prompts.BESIDE, file.toAbsolutePath())
                    .readValue(Files.readAllBytes(file));
            require(
                    recipe.resolved() == null,
                    "resolved",
                    "there",
                    "left out: it comes of the settings prag.augmentation.* and prag.template.date");
            return new Recipe(
                    recipe.name(),
                    recipe.augmentation().beside(file.toAbsolutePath()),
                    recipe.training().beside(file.toAbsolutePath()),
                    recipe.answering(),
                    null,
                    recipe.tuned());
        } catch (JsonProcessingException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof UserException user) {
                    throw new UserException(user.kind(), file + ": " + user.getMessage(), user);
                }
            }
            String said = e instanceof UnrecognizedPropertyException ? "there is no such field" : JsonMistake.said(e);
            throw new UserException("recipe " + file + ": " + JsonMistake.where(e) + said
                    + "; the recipe has to be JSON with the fields of the recipes demo and paper");
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "recipe " + file + ": it can't be read (" + IoReason.of(e) + ")",
                    e);
        }
    }

    /** This recipe as it is in force under settings; null for those that add nothing. */
    public Recipe resolvedBy(Resolved settings) {
        return new Recipe(name, augmentation, training, answering, settings, tuned);
    }

    /** This recipe with another training. */
    public Recipe with(TrainingSettings other) {
        return new Recipe(name, augmentation, other, answering, resolved, tuned);
    }

    /** A recipe that a search found with the augmentation of this one. */
    public Recipe found(String named, TrainingSettings how, Composing parametric, Composing combined, Tuned seen) {
        return new Recipe(named, augmentation, how, answering.with(parametric, combined), null, seen);
    }

    /** The prompts, for augmentation, training and answering. */
    public PromptSet prompts() {
        return augmentation.prompts().set();
    }

    /** What the trainer needs of it. */
    public TrainingRecipe trainingRecipe() {
        return training.forTrainer();
    }

    /**
     * SHA-256 of all that decides an adapter: the augmentation, the training, the wording of the prompts and the
     * content of the adapter to start from and of neutral texts, and what the settings add. Name and answering defaults don't count, nor does
     * the order of targets.
     */
    public String hash() {
        ObjectNode decisive = JSON.createObjectNode();
        ObjectNode augmented = JSON.valueToTree(augmentation);
        // A file's wording counts, which follows, not where it lies.
        augmented.put("prompts", prompts().name());
        // The content of a model counts, by what is resolved, not where it lies.
        augmented.remove(List.of("model", "weights"));
        decisive.set("augmentation", augmented);
        ObjectNode trained = JSON.valueToTree(training);
        trained.set(
                "targets",
                JSON.valueToTree(training.targets().stream().sorted().distinct().toList()));
        trained.put("init", training.init() == null ? "" : training.init().contentHash());
        if (training.weights().neutral() > 0) {
            decisive.put("neutral", Neutral.of(this).hash());
            if (training.scope() == Scope.ANSWER) {
                // How they are cut decides, too; in the whole sample they aren't.
                decisive.put("neutralPiece", NeutralTexts.PIECE);
            }
        }
        if (training.form() == SampleForm.AMONG_OTHERS) {
            decisive.put("amongOthers", Neutral.shipped().hash());
        }
        if (training.gate() != null && training.scope() == Scope.ANSWER) {
            // On what adapters are measured there decides how far they are weakened.
            decisive.put("measuredOn", Neutral.shipped().measuredHash());
        }
        if (trained.get("loss") instanceof ObjectNode loss) {
            // Their content counts, not where they lie.
            loss.remove("neutralTexts");
        }
        decisive.set("training", trained);
        decisive.put("prompts", prompts().hash());
        if (augmentation.questionsHash() != null) {
            decisive.put("questionPrompts", augmentation.questionsHash());
        }
        if (resolved != null) {
            decisive.set("resolved", JSON.valueToTree(resolved));
        }
        return Hashes.sha256(write(decisive));
    }

    /** The whole recipe as JSON in a fixed order of fields. */
    public String toJson() {
        return write(JSON.valueToTree(this));
    }

    /** The same as a file that {@link #load} reads, for people. */
    public String toFile() {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("recipe", e);
        }
    }

    private static String write(ObjectNode node) {
        try {
            // Through a tree map, so that fields stand in alphabetical order at every depth.
            return JSON.writeValueAsString(JSON.treeToValue(node, Object.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("recipe", e);
        }
    }

    private static void require(boolean holds, String field, Object value, String need) {
        if (!holds) {
            throw new UserException("recipe: " + field + " is " + value + "; it has to be " + need);
        }
    }
}
