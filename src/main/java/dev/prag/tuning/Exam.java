package dev.prag.tuning;

import dev.prag.augmentation.PromptSet;
import dev.prag.corpus.PassageText;
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
import dev.prag.tuning.SampleIndex.Ranked;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Asks the held-out questions of a sample, under retrieval among its passages, and scores the answers. */
final class Exam implements AutoCloseable {
    /** Questions that run at once. */
    private static final int TOGETHER = 32;
    /** Answers are short; what goes on beyond this is wrong. */
    private static final int MOST_TOKENS = 48;

    private final LanguageModel model;
    private final GenerationEngine engine;
    private final PromptSet prompts;
    private final boolean steps;
    private final int maxTokens;
    private final TuningSample sample;
    private final SampleIndex index;

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

    Exam(
            LanguageModel model,
            GenerationEngine engine,
            PromptSet prompts,
            boolean steps,
            int maxTokens,
            TuningSample sample,
            SampleIndex index) {
        this.model = model;
        this.engine = engine;
        this.prompts = prompts;
        this.steps = steps;
        this.maxTokens = steps ? maxTokens : Math.min(maxTokens, MOST_TOKENS);
        this.sample = sample;
        this.index = index;
    }

    TuningSample sample() {
        return sample;
    }

    /**
     * Asks all questions.
     *
     * @param adapters of the passages; null where there is none, as for one that diverged. Empty where no way needs any
     * @param topK passages to retrieve where no composition says
     */
    Answers ask(Way way, List<? extends ResidentAdapter> adapters, int topK) {
        List<HeldOut> questions = sample.questions();
        double[] f1 = new double[questions.size()];
        for (int from = 0; from < f1.length; from += TOGETHER) {
            int to = Math.min(from + TOGETHER, f1.length);
            List<Generation> running = new ArrayList<>();
            for (HeldOut question : questions.subList(from, to)) {
                running.add(engine.submit(request(question, way, adapters, topK), TokenListener.NONE));
            }
            for (int i = from; i < to; i++) {
                String text = running.get(i - from).join().text();
                f1[i] = Score.of(prompts.extractAnswer(text), questions.get(i).answer())
                        .f1();
            }
        }
        return new Answers(questions, f1);
    }

    private GenerationRequest request(HeldOut question, Way way, List<? extends ResidentAdapter> adapters, int topK) {
        List<Ranked> found = index.find(question.question(), way.topK(topK));
        boolean plain = way.composing() != null && !way.composes();
        List<String> passages = way.inPrompt() || plain
                ? found.stream()
                        .map(hit -> sample.passages().get(hit.passage()))
                        .map(PassageText::text)
                        .toList()
                : List.of();
        Composition composition = way.composes() ? composition(way.composing(), found, adapters) : Composition.NONE;
        int[] prompt = prompts.answerIds(model, passages, question.question(), steps);
        Scope scope = way.composes() ? way.composing().scope() : Scope.PROMPT;
        return new GenerationRequest(
                prompt, maxTokens, Sampling.GREEDY, List.of(), Set.of(), false, composition, scope);
    }

    static Composition composition(Composing composing, List<Ranked> found, List<? extends ResidentAdapter> adapters) {
        float[] weights =
                composing.weights(found.stream().mapToDouble(Ranked::score).toArray());
        List<Composition.Term> terms = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            ResidentAdapter adapter = adapters.get(found.get(i).passage());
            if (adapter != null && weights[i] != 0) {
                terms.add(new Composition.Term(adapter, weights[i]));
            }
        }
        return new Composition(terms);
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
