package dev.prag.answering;

import dev.prag.access.Principal;
import dev.prag.documents.SentenceEnds;
import dev.prag.generation.Finish;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import dev.prag.retrieval.Found;
import dev.prag.retrieval.Hit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.IntStream;

/**
 * One question on its way: the steps that strategies and injections are made of, and what they took. Holds the adapters
 * that are in force until others are, or it is closed. Not safe for several threads.
 */
public final class AnswerSession implements AutoCloseable {
    private static final String ANSWER = "answer is";

    private final AnswerService service;
    private final AnswerRequest request;
    private final Chat chat;
    private final Principal caller;
    private final Method method;
    private final AnswerListener listener;
    private final boolean counts;
    private final Composing how;
    private final StrategySettings settings;
    private final int maxTokens;
    private final int maxRounds;
    private final long start = System.nanoTime();
    private final SequencedSet<String> notes = new LinkedHashSet<>();
    private final Trace trace = new Trace();
    private final UnderWay.One underWay;
    private final Ending ending;
    private final InForce inForce;
    private final Rounds rounds;
    /** What the answer rests on, by passage, as it was in force last. */
    private final Map<String, Answer.Used> used = new LinkedHashMap<>();

    private long retrieveNanos;
    private long composeNanos;

    /**
     * @param writing how the answer is written
     * @param counts whether what is retrieved counts as demand
     */
    AnswerSession(
            AnswerService service,
            AnswerRequest request,
            Chat chat,
            Writing writing,
            Principal caller,
            Method method,
            AnswerListener listener,
            boolean counts) {
        this.service = service;
        this.request = request;
        this.chat = chat;
        this.caller = caller;
        this.method = method;
        this.listener = listener;
        this.counts = counts;
        this.settings = service.settings();
        this.how = service.composing(request.composing(), method);
        this.maxTokens =
                request.maxTokens() == null ? service.recipe().answering().maxTokens() : request.maxTokens();
        this.maxRounds = settings.rounds();
        this.ending = new Ending(settings.time());
        this.inForce = new InForce(service, how, caller, notes);
        this.rounds = new Rounds(service, writing, listener, ending, notes, settings.tokens());
        this.underWay = service.begin();
    }

    // ---- what is asked ----

    String question() {
        return request.question();
    }

    /** Bounds and knobs. */
    StrategySettings settings() {
        return settings;
    }

    /** Whether the recipe has the model reason before it answers. */
    boolean steps() {
        return service.recipe().answering().steps();
    }

    // ---- retrieving ----

    /** The passages that retrieval finds for the question, of different texts, best first. */
    List<Retrieved> retrieve(Trigger trigger) {
        return retrieve(searched(), trigger);
    }

    /** The passages that retrieval finds for a query, of different texts, best first. */
    List<Retrieved> retrieve(String query, Trigger trigger) {
        long from = System.nanoTime();
        Found found = service.search(query, how.topK(), request.toFilter(), caller);
        underWay.found(found.hits().stream().map(Hit::passageId).toList());
        if (method.injection().composes() && how.composes()) {
            service.adapters().prefetch(weighty(found.hits()), caller);
        }
        List<Retrieved> passages = service.texts(found, caller);
        if (counts) {
            service.count(passages.stream().map(Retrieved::id).toList());
        }
        retrieveNanos += System.nanoTime() - from;
        boolean asked = trace.retrievals() == 0;
        if (found.isPartial()) {
            notes.add((asked ? "the question has " : "a query has ") + found.words()
                    + " different words, of which the rarest " + found.searched() + " were searched");
        }
        if (passages.isEmpty()) {
            notes.add("retrieval found no passage for " + (asked ? "this question" : "a query of this answer")
                    + (request.filter() == null ? "" : " among those that pass the filter"));
        }
        Retrieval retrieval = Retrieval.of(query, trigger, passages);
        trace.add(retrieval);
        listener.onRetrieval(retrieval);
        return passages;
    }

    /**
     * Whether there may be another retrieval. Where there may not, the answer says so: this is asked where one is due.
     */
    boolean mayRetrieve() {
        if (trace.retrievals() < maxRounds) {
            return true;
        }
        notes.add("passages were retrieved " + trace.retrievals() + " times, which is the bound"
                + " (prag.answering.max-rounds): what follows was written with those at hand");
        return false;
    }

    /** What is searched for. */
    private String searched() {
        if (!chat.rewritten() || chat.talk().isEmpty()) {
            return request.question();
        }
        String question = QuestionRewriter.rewrite(service, chat, request.question(), listener, ending);
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

    // ---- bringing passages into force ----

    /** Has these passages reach the model, in the place of those before. */
    void inject(List<Retrieved> passages) {
        long from = System.nanoTime();
        inForce.show(method.injection().inject(this, passages));
        composeNanos += method.injection().composes() ? System.nanoTime() - from : 0;
    }

    /** As {@link InForce#compose}. */
    List<Retrieved> compose(List<Retrieved> retrieved) {
        return inForce.compose(retrieved);
    }

    /** No adapter is in force: the passages count where they stand in the prompt. */
    List<Retrieved> showAlone(List<Retrieved> passages) {
        return inForce.without(passages);
    }

    /** The same with what was made of the passages for training, as far as there is something. */
    List<Retrieved> showAugmented(List<Retrieved> passages) {
        List<Retrieved> shown = new ArrayList<>(passages.size());
        int bare = 0;
        for (Retrieved passage : passages) {
            Retrieved augmented = service.augmented(passage, caller);
            bare += augmented.shown() == null ? 1 : 0;
            shown.add(augmented);
        }
        if (bare > 0) {
            notes.add(bare + " of " + passages.size()
                    + " passages have no rewrites and no questions under the recipe yet: they stand in the prompt alone"
                    + " (`prag encode` makes them)");
        }
        return inForce.without(shown);
    }

    // ---- writing ----

    /** A text that is written in pieces: the answer itself, which is heard as far as it is kept. */
    Text text(boolean steps) {
        return new Text(steps, true, maxTokens);
    }

    /** A text that leads to the answer and isn't heard. */
    Text thought() {
        return new Text(true, false, Integer.MAX_VALUE);
    }

    /** Writes the whole answer with what is in force; it is heard as it comes. */
    Text write() {
        Text text = text(steps());
        if (rounds.ended(text)) {
            return text;
        }
        Draft draft = rounds.write(text, prompt(text), inForce);
        trace.newText();
        trace.kept(draft.text());
        return text;
    }

    /**
     * Writes so many tokens on, which nobody hears until they are kept. Empty where the text ends here: it says so then.
     */
    Draft draft(Text text, int most) {
        return rounds.draft(text, most, () -> prompt(text), inForce);
    }

    /** Keeps the first so many tokens of a draft; where that is all of it, the text ends as it did. */
    void keep(Text text, Draft draft, int count) {
        trace.kept(rounds.keep(text, draft, count));
        if (text.steps() && says(text.toString())) {
            text.end(Finish.STOP);
        }
    }

    /** Whether a text that reasons has come to its answer, in a whole sentence. */
    private static boolean says(String text) {
        int answer = text.toLowerCase(Locale.ROOT).lastIndexOf(ANSWER);
        return answer >= 0 && IntStream.of(SentenceEnds.of(text)).anyMatch(end -> end > answer + ANSWER.length());
    }

    /** The prompt for a text below those of the passages in force that fit. */
    private FittedPrompt prompt(Text text) {
        FittedPrompt fitted = FittedPrompt.of(
                service.recipe().prompts(),
                service.model(),
                chat,
                request.question(),
                text.steps(),
                inForce.shown(),
                service.context() - text.size(),
                Math.min(maxTokens, text.limit() - text.size()));
        inForce.fitted(fitted).forEach(passage -> used.put(passage.id(), used(passage)));
        return fitted;
    }

    /** What reads how uncertain the model was in a draft, and where it looked. */
    AttentionView look(Text text, Draft draft) {
        return AttentionView.of(service, question(), rounds.lastPrompt(), text, draft, inForce);
    }

    // ---- the answer ----

    /** The answer of which this is the text. */
    Answer answer(Text text) {
        rounds.ended(text);
        Finish finish = text.finish();
        if (finish == Finish.LENGTH && !ending.late() && !rounds.spent()) {
            notes.add(cut(text.size(), maxTokens));
        }
        Recipe recipe = service.recipe();
        Answer answer = new Answer(
                request.question(),
                recipe.prompts()
                        .extractAnswer(
                                text.toString(),
                                text.steps(),
                                recipe.answering().extracted()),
                method.name(),
                text.toString(),
                finish.name().toLowerCase(Locale.ROOT),
                rounds.promptTokens(),
                rounds.tokens(),
                List.copyOf(used.values()),
                new Answer.Timings(
                        millis(retrieveNanos),
                        millis(composeNanos),
                        millis(rounds.firstNanos()),
                        millis(rounds.nanos()),
                        millis(System.nanoTime() - start)),
                List.copyOf(notes),
                trace.retrieved());
        if (rounds.lastPrompt() != null) {
            listener.onWritten(
                    new Composed(rounds.lastPrompt(), inForce.composition(), how.scope(), inForce.composedIds()));
        }
        return answer;
    }

    /** Whether whoever asked or the clock has ended the answer. */
    boolean isOver() {
        return ending.cancelled() || ending.late();
    }

    /** Adds a note. */
    void note(String note) {
        notes.add(note);
    }

    @Override
    public void close() {
        inForce.close();
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
