package dev.prag.tuning;

import dev.prag.augmentation.PromptSet;
import dev.prag.evaluation.Score;
import dev.prag.generation.Generation;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.Sampling;
import dev.prag.generation.TokenListener;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Composition;
import dev.prag.lora.ResidentAdapter;
import dev.prag.lora.Scope;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import dev.prag.tuning.SampleIndex.Ranked;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Asks the held-out questions of a sample, under retrieval among its passages, and scores the answers. */
final class Exam implements AutoCloseable {
    /** Questions that run at once. */
    private static final int TOGETHER = 32;
    /** Answers are short; what goes on beyond this is wrong. */
    private static final int MOST_TOKENS = 48;

    private final LanguageModel model;
    private final GenerationEngine engine;
    private final Recipe recipe;
    private final PromptSet prompts;
    private final boolean steps;
    private final int maxTokens;
    private final int context;
    private final TuningSample sample;
    private final SampleIndex index;
    private final BooleanSupplier cancelled;

    /**
     * What a question runs with.
     *
     * @param inPrompt whether the passages stand in the prompt
     * @param composing null for no adapters
     */
    record Way(boolean inPrompt, Composing composing) {
        /** Retrieved passages: as many as a way asks for. */
        int topK(int otherwise) {
            return composing == null ? otherwise : composing.topK();
        }

        boolean composes() {
            return composing != null && composing.composes();
        }
    }

    /** F1 of each question, in their order. */
    record Answers(List<HeldOut> questions, double[] f1) {
        double mean() {
            return mean(null);
        }

        /** Over questions of a kind; NaN where there are none. */
        double mean(HeldOut.Kind kind) {
            double sum = 0;
            int count = 0;
            for (int i = 0; i < f1.length; i++) {
                if (kind == null || questions.get(i).kind() == kind) {
                    sum += f1[i];
                    count++;
                }
            }
            return count == 0 ? Double.NaN : sum / count;
        }
    }

    /**
     * @param context tokens that a prompt and its answer may have together
     * @param cancelled asked before each portion of the questions
     */
    Exam(
            LanguageModel model,
            GenerationEngine engine,
            Recipe recipe,
            int context,
            TuningSample sample,
            SampleIndex index,
            BooleanSupplier cancelled) {
        this.model = model;
        this.engine = engine;
        this.recipe = recipe;
        this.prompts = recipe.prompts();
        this.steps = recipe.answering().steps();
        int most = recipe.answering().maxTokens();
        this.maxTokens = steps ? most : Math.min(most, MOST_TOKENS);
        this.context = context;
        this.sample = sample;
        this.index = index;
        this.cancelled = cancelled;
    }

    TuningSample sample() {
        return sample;
    }

    /**
     * Asks all questions.
     *
     * @param adapters of the passages; null where there is none, as for one that diverged. Empty where no way needs any
     * @param topK passages to retrieve where no composition says
     * @throws CancellationException if cancelled
     */
    Answers ask(Way way, List<? extends ResidentAdapter> adapters, int topK) {
        List<HeldOut> questions = sample.questions();
        double[] f1 = new double[questions.size()];
        for (int from = 0; from < f1.length; from += TOGETHER) {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException("asking was cancelled");
            }
            int to = Math.min(from + TOGETHER, f1.length);
            List<Generation> running = new ArrayList<>();
            for (HeldOut question : questions.subList(from, to)) {
                running.add(engine.submit(request(question, way, adapters, topK), TokenListener.NONE));
            }
            for (int i = from; i < to; i++) {
                String text = running.get(i - from).join().text();
                f1[i] = Score.of(
                                prompts.extractAnswer(
                                        text, steps, recipe.answering().extracted()),
                                questions.get(i).answer())
                        .f1();
            }
        }
        return new Answers(questions, f1);
    }

    private GenerationRequest request(HeldOut question, Way way, List<? extends ResidentAdapter> adapters, int topK) {
        List<Ranked> found = index.find(question.question(), way.topK(topK));
        Composition composition = way.composes() ? composition(way.composing(), found, adapters) : Composition.NONE;
        int[] prompt = fitted(question, inPrompt(way, found, adapters));
        Scope scope = way.composes() ? way.composing().scope() : Scope.PROMPT;
        float penalty = recipe.answering().penalty(model.generationDefaults());
        return new GenerationRequest(
                prompt, maxTokens, new Sampling(0, 0, 1, penalty, 0), List.of(), Set.of(), false, composition, scope);
    }

    /** All that were found, or, as in an answer, those that would count by an adapter and have none. */
    private List<String> inPrompt(Way way, List<Ranked> found, List<? extends ResidentAdapter> adapters) {
        boolean plain = way.composing() != null && !way.composes();
        float[] weights = way.composes() && !way.inPrompt() ? weights(way.composing(), found) : null;
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            int passage = found.get(i).passage();
            if (way.inPrompt() || plain || weights != null && weights[i] != 0 && adapters.get(passage) == null) {
                texts.add(sample.passages().get(passage).text());
            }
        }
        return texts;
    }

    /** A prompt with as many of the passages, from the first on, as leave room for the answer. */
    private int[] fitted(HeldOut question, List<String> passages) {
        List<String> in = new ArrayList<>(passages);
        int[] prompt = prompts.answerIds(model, in, question.question(), steps);
        while (prompt.length + maxTokens > context && !in.isEmpty()) {
            in.removeLast();
            prompt = prompts.answerIds(model, in, question.question(), steps);
        }
        return prompt;
    }

    static Composition composition(Composing composing, List<Ranked> found, List<? extends ResidentAdapter> adapters) {
        float[] weights = weights(composing, found);
        List<Composition.Term> terms = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            ResidentAdapter adapter = adapters.get(found.get(i).passage());
            if (adapter != null && weights[i] != 0) {
                terms.add(new Composition.Term(adapter, weights[i]));
            }
        }
        return new Composition(terms);
    }

    private static float[] weights(Composing composing, List<Ranked> found) {
        return composing.weights(found.stream().mapToDouble(Ranked::score).toArray());
    }

    /** What retrieval finds for each question. */
    List<List<Ranked>> found(int topK) {
        return sample.questions().stream()
                .map(question -> index.find(question.question(), topK))
                .toList();
    }

    @Override
    public void close() {
        index.close();
    }
}
