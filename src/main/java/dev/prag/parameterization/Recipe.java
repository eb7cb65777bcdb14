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
import dev.prag.augmentation.Extraction;
import dev.prag.augmentation.PromptSet;
import dev.prag.augmentation.Prompts;
import dev.prag.base.Hashes;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.llm.GenerationDefaults;
import dev.prag.lora.Projection;
import dev.prag.lora.Scope;
import dev.prag.training.LossWeights;
import dev.prag.training.TrainingRecipe;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

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
        @JsonProperty(required = true) Training training,
        @JsonProperty(required = true) Answering answering,
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

    /**
     * How an adapter is trained.
     *
     * @param rank rank of every update
     * @param alpha scaling is alpha/rank
     * @param targets module names of the projections, such as {@code gate_proj}
     * @param learningRate of the first step
     * @param epochs how often the samples are seen
     * @param lossOn all tokens, or the answer's
     * @param steps whether the answers of the samples reason first
     * @param seed of the initial A
     * @param init the adapter to start from (warm start), a PEFT folder or an id; null for a fresh one
     * @param samples which samples hold the passage; null for half of the pairs'
     * @param loss what is minimised; null for the samples' tokens alone
     * @param sharedA whether fresh adapters all start from the same A; null for yes
     * @param maxNorm bound on each projection's update, as a share of the weight's norm; null for none
     * @param gate what an adapter has to come to, else it isn't published; null where all are
     * @param validation what is held back to tell the best epoch by; null for nothing
     * @param leaveOut what of the augmentations isn't trained on, each once and in a fixed order; null for nothing
     * @param schedule how the learning rate goes on; null for constant
     * @param scope over which part of a sample the adapter is in force; null is the whole of it
     */
    @RegisterForReflection
    public record Training(
            @JsonProperty(required = true) int rank,
            @JsonProperty(required = true) float alpha,
            @JsonProperty(required = true) List<String> targets,
            @JsonProperty(required = true) float learningRate,
            @JsonProperty(required = true) int epochs,
            @JsonProperty(required = true) LossOn lossOn,
            @JsonProperty(required = true) boolean steps,
            @JsonProperty(required = true) long seed,
            @JsonSetter(nulls = Nulls.SET) Start init,
            @JsonSetter(nulls = Nulls.SET) SampleForm samples,
            @JsonSetter(nulls = Nulls.SET) LossSettings loss,
            @JsonSetter(nulls = Nulls.SET) Boolean sharedA,
            @JsonSetter(nulls = Nulls.SET) Float maxNorm,
            @JsonSetter(nulls = Nulls.SET) ValidationSettings validation,
            @JsonSetter(nulls = Nulls.SET) GateSettings gate,
            @JsonSetter(nulls = Nulls.SET) List<LeftOut> leaveOut,
            @JsonSetter(nulls = Nulls.SET) Schedule schedule,
            @JsonSetter(nulls = Nulls.SET) Scope scope) {
        /** Which tokens are learned. */
        @RegisterForReflection
        public enum LossOn {
            @JsonProperty("all")
            ALL,
            @JsonProperty("answer")
            ANSWER
        }

        /** How the learning rate goes on. */
        @RegisterForReflection
        public enum Schedule {
            @JsonProperty("constant")
            CONSTANT,
            @JsonProperty("linear")
            LINEAR
        }

        public Training {
            // One spelling of what means the same, for the hash of a recipe.
            schedule = schedule == Schedule.CONSTANT ? null : schedule;
            scope = scope == Scope.PROMPT ? null : scope;
            targets = List.copyOf(targets);
            leaveOut = leaveOut == null || leaveOut.isEmpty() ? null : List.copyOf(EnumSet.copyOf(leaveOut));
        }

        /** Another way of training an adapter of the same shape. */
        public Training with(float otherRate, int otherEpochs, SampleForm otherSamples, LossSettings otherLoss) {
            return new Training(
                    rank,
                    alpha,
                    targets,
                    otherRate,
                    otherEpochs,
                    lossOn,
                    steps,
                    seed,
                    init,
                    otherSamples,
                    otherLoss,
                    sharedA,
                    maxNorm,
                    validation,
                    gate,
                    leaveOut,
                    schedule,
                    scope);
        }

        SampleForm form() {
            return samples == null ? SampleForm.HALF : samples;
        }

        LossWeights weights() {
            return loss == null ? LossWeights.ANSWERS : loss.weights();
        }

        /** With the files that it names where they are, seen from the recipe's file. */
        private Training beside(Path recipe) {
            Path texts = loss == null ? null : loss.neutralTexts();
            return new Training(
                    rank,
                    alpha,
                    targets,
                    learningRate,
                    epochs,
                    lossOn,
                    steps,
                    seed,
                    init == null ? null : init.beside(recipe),
                    samples,
                    texts == null
                            ? loss
                            : loss.withNeutralTexts(recipe.resolveSibling(texts).normalize()),
                    sharedA,
                    maxNorm,
                    validation,
                    gate,
                    leaveOut,
                    schedule,
                    scope);
        }
    }

    /**
     * Defaults of answering with adapters of this recipe.
     *
     * @param topK how many passages are retrieved
     * @param weights how their adapters are weighted
     * @param scoreTemperature of the softmax, where weights go by score
     * @param steps whether the model reasons before it answers
     * @param maxTokens bound on the length of an answer
     * @param strength a factor on all weights; null is 1
     * @param scope over which part of a sequence adapters are in force; null is the whole of it
     * @param cutOff below which share of the largest weight there is none; null is 0
     * @param parametric what holds for the method parametric instead; null for nothing
     * @param combined what holds for the method combined instead; null for nothing
     * @param method by which a question is answered that names none; null is parametric
     * @param extraction how the answer is found in what the model wrote; null is after the last marker, to the line's end
     * @param repetitionPenalty on the logits of tokens that occurred; null is none
     */
    @RegisterForReflection
    public record Answering(
            @JsonProperty(required = true) int topK,
            @JsonProperty(required = true) WeightRule weights,
            @JsonProperty(required = true) double scoreTemperature,
            @JsonProperty(required = true) boolean steps,
            @JsonProperty(required = true) int maxTokens,
            @JsonSetter(nulls = Nulls.SET) Double strength,
            @JsonSetter(nulls = Nulls.SET) Scope scope,
            @JsonSetter(nulls = Nulls.SET) Double cutOff,
            @JsonSetter(nulls = Nulls.SET) Composing parametric,
            @JsonSetter(nulls = Nulls.SET) Composing combined,
            @JsonSetter(nulls = Nulls.SET) String method,
            @JsonSetter(nulls = Nulls.SET) Extraction extraction,
            @JsonSetter(nulls = Nulls.SET) RepetitionPenalty repetitionPenalty) {
        private static final Composing DEFAULT = new Composing(null, null, 1.0, Scope.PROMPT, null, 0.0);

        public Answering {
            // Its checks are those of what it is made of.
            new Composing(topK, weights, strength, scope, scoreTemperature, cutOff);
        }

        Answering with(Composing otherParametric, Composing otherCombined) {
            return new Answering(
                    topK,
                    weights,
                    scoreTemperature,
                    steps,
                    maxTokens,
                    strength,
                    scope,
                    cutOff,
                    otherParametric,
                    otherCombined,
                    method,
                    extraction,
                    repetitionPenalty);
        }

        /** How the answer is found in what the model wrote. */
        public Extraction extracted() {
            return extraction == null ? Extraction.DEFAULT : extraction;
        }

        /** The penalty on tokens that occurred, with a model that recommends this; 1 is none. */
        public float penalty(GenerationDefaults recommended) {
            return repetitionPenalty == null ? 1 : repetitionPenalty.of(recommended);
        }

        /** How adapters are composed for a method, with nothing left open. */
        public Composing composing(String method) {
            Composing all = new Composing(topK, weights, strength, scope, scoreTemperature, cutOff).over(DEFAULT);
            Composing own =
                    switch (method) {
                        case "parametric" -> parametric;
                        case "combined" -> combined;
                        default -> null;
                    };
            return own == null ? all : own.over(all);
        }
    }

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
        trainingRecipe(training);
        if (!trainsOnPairs(augmentation, training)) {
            requirePlain(training);
        }
    }

    /** A text alone asks nothing, so nothing of an answer can be learned, foretold or held back. */
    private static void requirePlain(Training training) {
        String why = training.leaveOut() == null ? "augmentation.pairTemperatures is empty" : "leaveOut names pairs";
        requirePairs(training.lossOn() == Training.LossOn.ANSWER, "lossOn is answer", why, "give all");
        requirePairs(training.weights().distillation() > 0, "loss.distillation is above 0", why, "give 0");
        requirePairs(training.validation() != null, "validation is there", why, "leave it out");
    }

    private static void requirePairs(boolean needed, String field, String why, String remedy) {
        if (needed) {
            throw new UserException(
                    "recipe: " + field + ", which needs pairs, but " + why + "; " + remedy + ", or train on pairs");
        }
    }

    private static boolean trainsOnPairs(AugmentationSettings augmentation, Training training) {
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
    public Recipe with(Training other) {
        return new Recipe(name, augmentation, other, answering, resolved, tuned);
    }

    /** A recipe that a search found with the augmentation of this one. */
    public Recipe found(String named, Training how, Composing parametric, Composing combined, Tuned seen) {
        return new Recipe(named, augmentation, how, answering.with(parametric, combined), null, seen);
    }

    /** The prompts, for augmentation, training and answering. */
    public PromptSet prompts() {
        return augmentation.prompts().set();
    }

    /** What the trainer needs of it. */
    public TrainingRecipe trainingRecipe() {
        return trainingRecipe(training);
    }

    private static TrainingRecipe trainingRecipe(Training training) {
        Set<Projection> targets = EnumSet.noneOf(Projection.class);
        for (String target : training.targets()) {
            targets.add(Projection.ofModuleName(target)
                    .orElseThrow(() -> new UserException("recipe: targets names " + target
                            + ", which is no projection; use names such as gate_proj, up_proj and down_proj")));
        }
        return new TrainingRecipe(
                training.rank(),
                training.alpha(),
                targets,
                training.learningRate(),
                training.epochs(),
                TrainingRecipe.LossOn.valueOf(training.lossOn().name()),
                training.seed(),
                training.weights(),
                training.maxNorm() == null ? 0 : training.maxNorm(),
                training.validation() == null ? 0 : training.validation().patience(),
                training.schedule() == null
                        ? TrainingRecipe.Schedule.CONSTANT
                        : TrainingRecipe.Schedule.valueOf(training.schedule().name()),
                training.scope() == null ? Scope.PROMPT : training.scope());
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
        }
        if (training.form() == SampleForm.AMONG_OTHERS) {
            decisive.put("others", Neutral.shipped().hash());
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
