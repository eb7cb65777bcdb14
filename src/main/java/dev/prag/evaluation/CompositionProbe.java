package dev.prag.evaluation;

import dev.prag.answering.Composed;
import dev.prag.augmentation.PromptSet;
import dev.prag.generation.Scorer;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures compositions while they are in force, by log-probabilities, which tell more about a few questions than their
 * answers do: how much a question's composition does for its right answer, how much more than another question's does
 * for it, and what it does to a text that has nothing to do with either.
 */
final class CompositionProbe implements AutoCloseable {
    /** Questions of a row that wait for a composition without passages of theirs; the oldest waits no longer. */
    private static final int MOST_WAITING = 8;
    /** Log-probabilities of the base model that are remembered: rows that read the same share them. */
    private static final int REMEMBERED = 256;

    private final Scorer scorer;
    private final LanguageModel model;
    private final PromptSet prompts;
    private final boolean steps;
    private final List<int[]> neutral;
    private final Map<String, Deque<Asked>> waiting = new HashMap<>();
    private final Map<IntBuffer, Double> base = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<IntBuffer, Double> eldest) {
            return size() > REMEMBERED;
        }
    };

    /**
     * A right answer behind a question's prompt.
     *
     * @param prompt tokens of the prompt
     * @param own mean log-probability of the answer's tokens under the question's composition
     */
    private record Asked(int[] ids, int prompt, Scope scope, List<String> passages, double own) {}

    /** @param steps whether answers reason first */
    CompositionProbe(LanguageModel model, PromptSet prompts, boolean steps) {
        this.model = model;
        this.prompts = prompts;
        this.steps = steps;
        scorer = new Scorer(model.decoder());
        int context = model.decoder().context();
        neutral = NeutralText.all().stream()
                .map(text -> model.tokenizer().encode(text, true))
                .map(ids -> ids.length > context ? Arrays.copyOf(ids, context) : ids)
                .toList();
    }

    /**
     * Measures what a question has just been answered from; one without adapters isn't counted, nor is a right answer
     * that the context has no room for.
     *
     * @param row that the tally is of
     * @param answer a right one
     */
    void measure(String row, String answer, Composed composed, ProbeTally tally) {
        if (composed.composition().isEmpty()) {
            return;
        }
        int[] prompt = composed.prompt();
        int[] right = model.tokenizer().encodeFollowing(prompts.answerText(answer, steps));
        int[] ids = Arrays.copyOf(prompt, prompt.length + right.length);
        System.arraycopy(right, 0, ids, prompt.length, right.length);
        if (ids.length > model.decoder().context()) {
            return;
        }
        int[] text = neutral.get(tally.n() % neutral.size());
        // The second half, so that a composition that is in force in the answer only is measured on the same tokens.
        int half = text.length / 2;
        double change = mean(text, half, composed.composition(), composed.scope()) - base(text, half);
        double own = mean(ids, prompt.length, composed.composition(), composed.scope());
        tally.add(change, own - base(ids, prompt.length));

        Deque<Asked> others = waiting.computeIfAbsent(row, name -> new ArrayDeque<>());
        for (Iterator<Asked> each = others.iterator(); each.hasNext(); ) {
            Asked other = each.next();
            if (Collections.disjoint(other.passages(), composed.passageIds())) {
                tally.addOwn(other.own() - mean(other.ids(), other.prompt(), composed.composition(), other.scope()));
                each.remove();
            }
        }
        if (others.size() == MOST_WAITING) {
            others.removeFirst();
        }
        others.addLast(new Asked(ids, prompt.length, composed.scope(), composed.passageIds(), own));
    }

    private double base(int[] ids, int from) {
        IntBuffer key = IntBuffer.wrap(ids);
        Double known = base.get(key);
        if (known == null) {
            known = mean(ids, from, Composition.NONE, Scope.PROMPT);
            base.put(key, known);
        }
        return known;
    }

    /** Mean log-probability of the tokens from {@code from} on. */
    private double mean(int[] ids, int from, Composition composition, Scope scope) {
        float[] logprobs = scorer.score(ids, composition, scope.from(from), 0).logprobs();
        double sum = 0;
        for (int i = from; i < ids.length; i++) {
            sum += logprobs[i - 1];
        }
        return sum / (ids.length - from);
    }

    @Override
    public void close() {
        scorer.close();
    }
}
