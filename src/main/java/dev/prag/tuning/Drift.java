package dev.prag.tuning;

import dev.prag.evaluation.NeutralText;
import dev.prag.generation.Scorer;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Composition;
import dev.prag.lora.ResidentAdapter;
import dev.prag.lora.Scope;
import dev.prag.parameterization.Composing;
import dev.prag.tuning.SampleIndex.Ranked;
import java.util.ArrayList;
import java.util.List;

/** How much compositions change what the model says of texts that have nothing to do with the corpus. */
final class Drift implements AutoCloseable {
    /** Compositions that are looked at, each on one text. */
    private static final int COMPOSITIONS = 8;

    private final Scorer scorer;
    private final List<int[]> texts;
    private final Double[] base;

    Drift(LanguageModel model) {
        scorer = new Scorer(model.decoder());
        texts = NeutralText.all().stream()
                .map(text -> model.tokenizer().encode(text, true))
                .toList();
        base = new Double[texts.size()];
    }

    /**
     * Mean change of the log-probability of a token, in nats; 0 without adapters.
     *
     * @param composing how adapters of passages that were found together are composed
     */
    double of(Exam exam, Composing composing, List<? extends ResidentAdapter> adapters) {
        if (!composing.composes()) {
            return 0;
        }
        List<List<Ranked>> found =
                exam.found(composing.topK()).stream().distinct().toList();
        List<Double> changes = new ArrayList<>();
        for (int i = 0; i < Math.min(COMPOSITIONS, found.size()); i++) {
            int text = i % texts.size();
            List<Ranked> together = found.get(i * found.size() / Math.min(COMPOSITIONS, found.size()));
            Composition composition = Exam.composition(composing, together, adapters);
            if (base[text] == null) {
                base[text] = mean(text, Composition.NONE, Scope.PROMPT);
            }
            changes.add(mean(text, composition, composing.scope()) - base[text]);
        }
        return changes.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    /** Of the second half of a text, so that a composition that is in force in the answer alone is measured where it is. */
    private double mean(int text, Composition composition, Scope scope) {
        int[] ids = texts.get(text);
        int half = ids.length / 2;
        float[] logprobs = scorer.score(ids, composition, scope.from(half), 0).logprobs();
        double sum = 0;
        for (int i = half; i < ids.length; i++) {
            sum += logprobs[i - 1];
        }
        return sum / (ids.length - half);
    }

    @Override
    public void close() {
        scorer.close();
    }
}
