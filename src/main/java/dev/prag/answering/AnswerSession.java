package dev.prag.answering;

import dev.prag.access.Principal;
import dev.prag.generation.Finish;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.lora.Composition;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import dev.prag.retrieval.Found;
import dev.prag.retrieval.Hit;
import dev.prag.runtime.AdapterResidency;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One question on its way: the steps that methods are made of, and what they took. Holds the adapters that are in force
 * until it is closed. Not safe for several threads.
 */
public final class AnswerSession implements AutoCloseable {
    private final AnswerService service;
    private final AnswerRequest request;
    private final Chat chat;
    private final Writing writing;
    private final Principal caller;
    private final String method;
    private final AnswerListener listener;
    private final boolean counts;
    private final Recipe.Answering defaults;
    private final Composing how;
    private final long start = System.nanoTime();
    private final List<AdapterResidency.Handle> adapters = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    /** Of passages whose adapters were asked for and aren't in force: the beginning of a sentence that says why. */
    private final Map<String, String> missing = new LinkedHashMap<>();

    private final UnderWay.One underWay;

    private Composition composition = Composition.NONE;
    private List<Retrieved> passages = List.of();
    private long retrieveNanos;
    private long composeNanos;

    /** @param counts whether what is retrieved counts as demand */
    AnswerSession(
            AnswerService service,
            AnswerRequest request,
            Principal caller,
            String method,
            AnswerListener listener,
            boolean counts) {
        this(service, request, Chat.NONE, request.writing(), caller, method, listener, counts);
    }

    /** The same for a question of a chat, with its answer written so. */
    AnswerSession(
            AnswerService service,
            AnswerRequest request,
            Chat chat,
            Writing writing,
            Principal caller,
            String method,
            AnswerListener listener,
            boolean counts) {
        this.service = service;
        this.request = request;
        this.chat = chat;
        this.writing = writing;
        this.caller = caller;
        this.method = method;
        this.listener = listener;
        this.counts = counts;
        this.defaults = service.recipe().answering();
        this.how = service.composing(request.composing(), method);
        this.underWay = service.begin();
    }

    /** The passages that retrieval finds for the question, of different texts, best first. */
    public List<Retrieved> retrieve() {
        return retrieve(false);
    }

    /** The same, of which the adapters will be asked for: they are fetched while the passages' texts are. */
    public List<Retrieved> retrieveToCompose() {
        return retrieve(true);
    }

    private List<Retrieved> retrieve(boolean toCompose) {
        long from = System.nanoTime();
        Found found = service.search(searched(), how.topK(), request.toFilter(), caller);
        underWay.found(found.hits().stream().map(Hit::passageId).toList());
        if (toCompose && how.composes()) {
            service.adapters().prefetch(weighty(found.hits()), caller);
        }
        passages = service.texts(found, caller);
        if (counts) {
            service.count(passages.stream().map(Retrieved::id).toList());
        }
        retrieveNanos += System.nanoTime() - from;
        if (found.isPartial()) {
            notes.add("the question has " + found.words() + " different words, of which the rarest " + found.searched()
                    + " were searched");
        }
        if (passages.isEmpty()) {
            notes.add("retrieval found no passage for this question"
                    + (request.filter() == null ? "" : " among those that pass the filter"));
        }
        return passages;
    }

    /** What is searched for. */
    private String searched() {
        if (!chat.rewritten() || chat.talk().isEmpty()) {
            return request.question();
        }
        String question = QuestionRewriter.rewrite(service, chat, request.question(), listener);
        notes.add("passages were searched for the question as the model rewrote it: " + question);
        return question;
    }

    /** The passages whose adapters will have a weight. */
    private List<String> weighty(List<Hit> hits) {
        float[] weights = how.weights(hits.stream().mapToDouble(Hit::score).toArray());
        return IntStream.range(0, weights.length)
                .filter(i -> weights[i] != 0)
                .mapToObj(i -> hits.get(i).passageId())
                .toList();
    }

    /**
     * Brings the adapters of these passages into force, as far as they can be had and the rule gives them a weight. Of
     * passages with the same text the first one counts. One that was deleted since it was retrieved, or that the caller
     * may not read any more, has no part in the answer.
     */
    public List<Retrieved> compose(List<Retrieved> retrieved) {
        long from = System.nanoTime();
        List<Retrieved> distinct = distinct(retrieved);
        if (!how.composes()) {
            if (!distinct.isEmpty()) {
                notes.add("the strength of adapters is 0 for this method: the passages stand in the prompt alone");
            }
            passages = distinct;
            return distinct;
        }
        // Over all that was retrieved: an adapter counts no more because another one isn't ready.
        float[] weights =
                how.weights(distinct.stream().mapToDouble(Retrieved::score).toArray());
        Iterator<PassageAdapters.Supplied> supplied = service.adapters()
                .acquire(
                        IntStream.range(0, weights.length)
                                .filter(i -> weights[i] != 0)
                                .mapToObj(distinct::get)
                                .toList(),
                        caller)
                .iterator();
        List<Composition.Term> terms = new ArrayList<>();
        List<Retrieved> weighted = new ArrayList<>();
        for (int i = 0; i < distinct.size(); i++) {
            Retrieved passage = distinct.get(i);
            if (weights[i] == 0) {
                weighted.add(passage.withWeight(0));
                continue;
            }
            PassageAdapters.Supplied adapter = supplied.next();
            if (adapter.handle() != null) {
                adapters.add(adapter.handle());
                terms.add(new Composition.Term(adapter.handle().adapter(), weights[i]));
                weighted.add(passage.withWeight(weights[i]));
            } else if (!adapter.isGone()) {
                weighted.add(passage.without(adapter.why()));
                missing.put(passage.id(), adapter.why().sentence(passage.id(), adapter.detail()));
            }
        }
        composition = new Composition(terms);
        passages = weighted;
        composeNanos += System.nanoTime() - from;
        return weighted;
    }

    private static List<Retrieved> distinct(List<Retrieved> passages) {
        Map<String, Retrieved> byText = new LinkedHashMap<>();
        passages.forEach(passage -> byText.putIfAbsent(passage.text(), passage));
        return List.copyOf(byText.values());
    }

    /** Generates the answer below those of these passages that fit, with the adapters in force. */
    public Answer generate(List<Retrieved> inPrompt) {
        int maxTokens = request.maxTokens() == null ? defaults.maxTokens() : request.maxTokens();
        FittedPrompt fitted = FittedPrompt.of(
                service.recipe().prompts(),
                service.model(),
                chat,
                request.question(),
                defaults.steps(),
                inPrompt,
                service.context(),
                maxTokens);
        int[] prompt = fitted.ids();
        notePassages(fitted, inPrompt);
        GenerationRequest generation = writing.apply(
                GenerationRequest.greedy(prompt, maxTokens).with(composition).with(how.scope()));
        TextWriter.Written written = TextWriter.write(service.engine(), generation, listener);
        GenerationResult result = written.result();
        if (result.finish() == Finish.LENGTH) {
            notes.add(cut(result.ids().length, maxTokens));
        }
        Answer answer = new Answer(
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
                        millis(written.firstNanos()),
                        millis(written.nanos()),
                        millis(System.nanoTime() - start)),
                List.copyOf(notes));
        listener.onWritten(new Composed(
                prompt,
                composition,
                how.scope(),
                passages.stream().filter(Retrieved::composed).map(Retrieved::id).toList()));
        return answer;
    }

    /** Says of each passage that isn't where the method would have it what became of it, and why. */
    private void notePassages(FittedPrompt fitted, List<Retrieved> inPrompt) {
        Map<String, String> left = new HashMap<>();
        fitted.left().forEach(out -> left.put(out.passage().id(), out.reason()));
        missing.forEach((id, sentence) -> {
            if (!left.containsKey(id)) {
                notes.add(sentence + " stands in the prompt instead");
            }
        });
        for (FittedPrompt.LeftOut out : fitted.left()) {
            Retrieved passage = out.passage();
            String begin = missing.containsKey(passage.id())
                    ? missing.get(passage.id()) + " is left out"
                    : named(passage) + (passage.composed() ? " counts by its adapter alone" : " is left out");
            notes.add(begin + ": " + out.reason());
        }
        passages = passages.stream()
                .filter(passage -> passage.composed() || inPrompt.contains(passage) && !left.containsKey(passage.id()))
                .toList();
    }

    private static String named(Retrieved passage) {
        return "passage " + passage.id() + (passage.title() == null ? "" : " (" + passage.title() + ")");
    }

    @Override
    public void close() {
        adapters.forEach(AdapterResidency.Handle::close);
        adapters.clear();
        underWay.close();
    }

    private static Answer.Used used(Retrieved passage) {
        return new Answer.Used(
                passage.id(),
                passage.title(),
                passage.text(),
                passage.page(),
                passage.composed() ? passage.weight() : null,
                passage.score(),
                passage.composed() ? Answer.Through.ADAPTER : Answer.Through.PROMPT,
                passage.withoutAdapter());
    }

    static double millis(long nanos) {
        return nanos / 1000 / 1000.0;
    }

    /** What is said of an answer that ended with its last token. */
    static String cut(int tokens, int maxTokens) {
        return "the answer was cut at " + tokens + " tokens" + (tokens < maxTokens ? ", where the context ends" : "");
    }
}
