package dev.prag.parameterization;

import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.augmentation.PromptSet;
import dev.prag.base.Hashes;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Scope;
import dev.prag.training.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Makes the training samples of a passage. Usually as in Su et al., 2025, section 3.2.2: of n question/answer pairs the
 * first half, rounded up, is asked with the passage in the prompt and then with each rewrite in its place, pair by pair;
 * the rest is asked without any passage, so that the adapter learns to answer from itself. Recipes may choose another
 * {@link SampleForm}. Without pairs a sample is a text alone, the passage or a rewrite, of which every token is learned;
 * nothing is learned behind its end, as a passage is a piece of a document.
 */
public final class SampleBuilder {
    private final LanguageModel model;
    private final PromptSet prompts;
    private final boolean steps;
    private final SampleForm form;
    private final boolean taught;
    private final ValidationSettings validation;
    private final List<String> others;
    private final boolean rewrites;
    private final boolean pairs;
    private final Scope scope;

    /**
     * The usual samples, without a teacher.
     *
     * @param steps whether the answers reason first
     */
    public SampleBuilder(LanguageModel model, PromptSet prompts, boolean steps) {
        this(model, prompts, steps, SampleForm.HALF, false, null, true, true, Scope.PROMPT);
    }

    /**
     * @param taught whether a teacher reads the pairs with the passage
     * @param rewrites whether rewrites are learned from
     * @param pairs whether pairs are learned; else the texts alone
     * @param scope over which part of a sample adapters are in force: with {@link Scope#ANSWER} what prompts begin an
     *     answer with belongs to the prompt
     */
    SampleBuilder(
            LanguageModel model,
            PromptSet prompts,
            boolean steps,
            SampleForm form,
            boolean taught,
            ValidationSettings validation,
            boolean rewrites,
            boolean pairs,
            Scope scope) {
        this.model = model;
        this.prompts = prompts;
        this.steps = steps;
        this.form = form;
        this.taught = taught;
        this.validation = validation;
        this.rewrites = rewrites;
        this.pairs = pairs;
        this.scope = scope;
        this.others = form == SampleForm.AMONG_OTHERS ? Neutral.shipped().passages() : List.of();
    }

    /** The samples that a recipe asks for. */
    static SampleBuilder of(LanguageModel model, Recipe recipe) {
        TrainingSettings training = recipe.training();
        return new SampleBuilder(
                model,
                recipe.prompts(),
                training.steps(),
                training.form(),
                training.weights().distillation() > 0,
                training.validation(),
                recipe.trainsOnRewrites(),
                recipe.trainsOnPairs(),
                recipe.trainingRecipe().scope());
    }

    /**
     * What is made of a passage.
     *
     * @param learned the samples in the order in which they are learned; none where pairs are to be learned and there are
     *     none
     * @param validation questions without the passage that aren't learned
     * @param asked all questions without the passage: those that aren't learned, if there are any, else those that are;
     *     where there are none at all, the passage alone
     */
    record Samples(List<Sample> learned, List<Sample> validation, List<Sample> asked) {
        /** Tokens of the longest sample, a teacher's included; 0 without samples. */
        int longest() {
            return Stream.of(learned, validation, asked)
                    .flatMap(List::stream)
                    .flatMap(sample -> Stream.of(sample, sample.teacher()))
                    .filter(Objects::nonNull)
                    .mapToInt(sample -> sample.ids().length)
                    .max()
                    .orElse(0);
        }
    }

    /** As {@link #build}, less what is held back for validation. */
    Samples split(String passage, Augmentation augmentation) {
        if (!pairs) {
            List<Sample> unlearned =
                    augmentation.pairs().stream().map(this::asked).toList();
            return new Samples(
                    build(passage, augmentation),
                    List.of(),
                    unlearned.isEmpty() ? List.of(ofText(passage)) : unlearned);
        }
        List<Pair> learned = new ArrayList<>(augmentation.pairs());
        int held = validation == null ? 0 : validation.of(learned.size());
        List<Pair> kept = new ArrayList<>();
        for (int i = held; i > 0; i--) {
            // One from each part of the list, as pairs that stand together often ask for the same.
            kept.addFirst(learned.remove(i * augmentation.pairs().size() / held - 1));
        }
        List<Sample> validated = kept.stream().map(this::asked).toList();
        List<Sample> asked =
                held > 0 ? validated : learned.stream().map(this::asked).toList();
        return new Samples(
                build(passage, new Augmentation(augmentation.rewrites(), learned, augmentation.notes())),
                validated,
                asked);
    }

    private Sample asked(Pair pair) {
        return ofPair(List.of(), pair);
    }

    /** The samples in the order in which they are learned; none where pairs are to be learned and there are none. */
    public List<Sample> build(String passage, Augmentation augmentation) {
        List<String> versions = new ArrayList<>();
        versions.add(passage);
        if (rewrites) {
            versions.addAll(augmentation.rewrites());
        }
        return pairs
                ? ofPairs(passage, versions, augmentation.pairs())
                : versions.stream().map(this::ofText).toList();
    }

    /** As the model's tokenizer begins a text; the first token is what nothing predicts. */
    private Sample ofText(String text) {
        return new Sample(model.tokenizer().encodeText(text, true), 1);
    }

    private List<Sample> ofPairs(String passage, List<String> versions, List<Pair> pairs) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            Sample teacher = taught ? ofPair(List.of(passage), pair) : null;
            for (List<String> passages : prompted(i, pairs.size(), versions)) {
                Sample sample = ofPair(passages, pair);
                samples.add(new Sample(sample.ids(), sample.answerFrom(), teacher));
            }
        }
        return samples;
    }

    /** The passages in the prompt of each sample of a pair. */
    private List<List<String>> prompted(int pair, int pairs, List<String> versions) {
        List<List<String>> overEach = versions.stream().map(List::of).toList();
        return switch (form) {
            case HALF -> pair < (pairs + 1) / 2 ? overEach : List.of(List.of());
            case NONE -> List.of(List.of());
            case ALL -> overEach;
            case AMONG_OTHERS -> List.of(List.of(), amongOthers(pair, versions.getFirst()));
        };
    }

    /**
     * The passage before or between two others, which are the same for all of its pairs, so that their prompts begin
     * alike; in every corpus the same ones.
     */
    private List<String> amongOthers(int pair, String passage) {
        long seed = Hashes.builder().add(passage).seed();
        int first = (int) (seed % others.size());
        int second = (first + 1 + (int) (seed / others.size() % (others.size() - 1))) % others.size();
        List<String> passages = new ArrayList<>(List.of(others.get(first), others.get(second)));
        passages.add(pair % 2, passage);
        return passages;
    }

    /** A question with passages in its prompt, and its answer. */
    Sample ofPair(List<String> passages, Pair pair) {
        List<Map<String, Object>> chat = prompts.sample(passages, pair, steps);
        Sample sample = ofChat(model, chat);
        if (scope == Scope.PROMPT) {
            return sample;
        }
        List<Map<String, Object>> begun = new ArrayList<>(chat.subList(0, chat.size() - 1));
        begun.add(Map.of("role", "assistant", "content", prompts.start(steps)));
        int given = alike(sample.ids(), model.chatIds(begun, false));
        return new Sample(sample.ids(), Math.max(sample.answerFrom(), given));
    }

    /** A whole chat as a sample: the answer is its last turn, the assistant's. */
    public static Sample ofChat(LanguageModel model, List<Map<String, Object>> chat) {
        int[] ids = model.chatIds(chat, false);
        int[] prompt = model.chatIds(chat.subList(0, chat.size() - 1), true);
        return new Sample(ids, alike(ids, prompt));
    }

    /** How many tokens two sequences begin with alike. */
    private static int alike(int[] one, int[] other) {
        int differs = Arrays.mismatch(one, other);
        return differs < 0 ? one.length : differs;
    }
}
