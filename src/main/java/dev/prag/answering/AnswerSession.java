package dev.prag.answering;

import dev.prag.generation.Finish;
import dev.prag.generation.Generation;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.generation.Sampling;
import dev.prag.generation.TokenListener;
import dev.prag.lora.Composition;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.WeightRule;
import dev.prag.runtime.AdapterResidency;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One question on its way: the steps that methods are made of, and what they took. Holds the adapters that are in force
 * until it is closed. Not safe for several threads.
 */
public final class AnswerSession implements AutoCloseable {
    private final AnswerService service;
    private final AnswerRequest request;
    private final String method;
    private final AnswerListener listener;
    private final Recipe.Answering defaults;
    private final long start = System.nanoTime();
    private final List<AdapterResidency.Handle> adapters = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private Composition composition = Composition.NONE;
    private List<Retrieved> passages = List.of();
    private long retrieveNanos;
    private long composeNanos;

    AnswerSession(AnswerService service, AnswerRequest request, String method, AnswerListener listener) {
        this.service = service;
        this.request = request;
        this.method = method;
        this.listener = listener;
        this.defaults = service.recipe().answering();
    }

    /** The passages that retrieval finds for the question, best first. */
    public List<Retrieved> retrieve() {
        long from = System.nanoTime();
        passages = service.find(request.question(), request.topK() == null ? defaults.topK() : request.topK());
        retrieveNanos += System.nanoTime() - from;
        if (passages.isEmpty()) {
            notes.add("retrieval found no passage for this question");
        }
        return passages;
    }

    /** Brings the adapters of these passages into force, as far as they are ready, with weights by the rule. */
    public List<Retrieved> compose(List<Retrieved> retrieved) {
        long from = System.nanoTime();
        List<Optional<AdapterResidency.Handle>> handles = service.adapters(retrieved);
        handles.forEach(handle -> handle.ifPresent(adapters::add));
        WeightRule rule = request.weights() == null ? defaults.weights() : WeightRule.of(request.weights());
        // Over all that was retrieved: an adapter counts no more because another one isn't ready.
        float[] weights =
                rule.weights(retrieved.stream().mapToDouble(Retrieved::score).toArray(), defaults.scoreTemperature());
        List<Composition.Term> terms = new ArrayList<>();
        List<Retrieved> weighted = new ArrayList<>();
        for (int i = 0; i < retrieved.size(); i++) {
            if (handles.get(i).isPresent()) {
                terms.add(new Composition.Term(handles.get(i).get().adapter(), weights[i]));
                weighted.add(retrieved.get(i).withWeight(weights[i]));
            } else {
                weighted.add(retrieved.get(i));
                notes.add("passage " + retrieved.get(i).id() + " has no adapter yet and stands in the prompt instead");
            }
        }
        composition = new Composition(terms);
        passages = weighted;
        composeNanos += System.nanoTime() - from;
        return weighted;
    }

    /** Generates the answer below these passages, with the adapters in force. */
    public Answer generate(List<Retrieved> inPrompt) {
        int[] prompt = service.recipe()
                .prompts()
                .answerIds(
                        service.model(),
                        inPrompt.stream().map(Retrieved::text).toList(),
                        request.question(),
                        defaults.steps());
        int maxTokens = request.maxTokens() == null ? defaults.maxTokens() : request.maxTokens();
        Sampling sampling = request.temperature() == null || request.temperature() == 0
                ? Sampling.GREEDY
                : Sampling.of(request.temperature().floatValue(), request.seed() == null ? 0 : request.seed());
        GenerationRequest generation =
                new GenerationRequest(prompt, maxTokens, sampling, List.of(), Set.of(), false, composition);
        long from = System.nanoTime();
        Pieces pieces = new Pieces(listener);
        Generation running = service.engine().submit(generation, pieces);
        GenerationResult result;
        try {
            listener.onStart(running::cancel);
        } catch (RuntimeException e) {
            running.cancel();
            throw e;
        } finally {
            // The adapters stay in force until the engine is done with them.
            result = running.join();
        }
        long now = System.nanoTime();
        if (result.finish() == Finish.LENGTH) {
            notes.add("the answer was cut at " + result.ids().length + " tokens");
        }
        return new Answer(
                request.question(),
                service.recipe().prompts().extractAnswer(result.text()),
                method,
                result.text(),
                result.finish().name().toLowerCase(Locale.ROOT),
                prompt.length,
                result.ids().length,
                passages.stream().map(AnswerSession::used).toList(),
                new Answer.Timings(
                        millis(retrieveNanos),
                        millis(composeNanos),
                        millis(pieces.first == 0 ? now - from : pieces.first - from),
                        millis(now - from),
                        millis(now - start)),
                List.copyOf(notes));
    }

    @Override
    public void close() {
        adapters.forEach(AdapterResidency.Handle::close);
        adapters.clear();
    }

    private static Answer.Used used(Retrieved passage) {
        return new Answer.Used(
                passage.id(),
                passage.title(),
                passage.text(),
                passage.weight(),
                passage.score(),
                passage.composed() ? Answer.Through.ADAPTER : Answer.Through.PROMPT);
    }

    private static double millis(long nanos) {
        return nanos / 1000 / 1000.0;
    }

    /** Passes text on and remembers when the first token came. */
    private static final class Pieces implements TokenListener {
        private final AnswerListener listener;
        private volatile long first;

        Pieces(AnswerListener listener) {
            this.listener = listener;
        }

        @Override
        public void onToken(int id, String text, float logprob) {
            if (first == 0) {
                first = System.nanoTime();
            }
            if (!text.isEmpty()) {
                listener.onText(text);
            }
        }

        @Override
        public void onRest(String text) {
            if (!text.isEmpty()) {
                listener.onText(text);
            }
        }

        @Override
        public void onDone(GenerationResult result) {}

        @Override
        public void onError(RuntimeException error) {}
    }
}
