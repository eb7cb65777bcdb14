package dev.prag.answering;

import dev.prag.access.Principal;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.Demand;
import dev.prag.corpus.PassageText;
import dev.prag.generation.AttentionReader;
import dev.prag.generation.GenerationEngine;
import dev.prag.llm.LanguageModel;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.PassageInspection;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.Filter;
import dev.prag.retrieval.Found;
import dev.prag.retrieval.Hit;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Answers questions by the methods there are. Safe for many threads: answers share the engine's batch. */
@Singleton
public final class AnswerService {
    private final Methods methods;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final Corpus corpus;
    private final PassageAdapters adapters;
    private final PassageIndex index;
    private final AnsweringSettings settings;
    private final StrategySettings strategies;
    private final PassageInspection inspection;
    private final Demand demand;
    private final UnderWay underWay = new UnderWay();

    @Inject
    AnswerService(
            Methods methods,
            ModelRuntime runtime,
            Recipes recipes,
            Corpus corpus,
            PassageAdapters adapters,
            PassageIndex index,
            AnsweringSettings settings,
            StrategySettings strategies,
            PassageInspection inspection,
            Demand demand) {
        this.methods = methods;
        this.runtime = runtime;
        this.recipes = recipes;
        this.corpus = corpus;
        this.adapters = adapters;
        this.index = index;
        this.settings = settings;
        this.strategies = strategies;
        this.inspection = inspection;
        this.demand = demand;
    }

    /** Answers a question of whoever has the home itself; waits for the whole answer. */
    public Answer answer(AnswerRequest request) {
        return answer(request, AnswerListener.NONE);
    }

    /** Answers a question of whoever has the home itself, and tells of its text as it comes. */
    public Answer answer(AnswerRequest request, AnswerListener listener) {
        return answer(request, Principal.LOCAL, listener);
    }

    /**
     * Answers a question, and tells of its text as it comes. What it retrieves counts as {@link Demand}.
     *
     * @param caller who asks: only passages that are open to the caller are found, shown and composed
     * @throws UserException if the method is unknown, or the question alone is longer than the context
     * @throws dev.prag.generation.EngineBusyException if too many requests are waiting
     */
    public Answer answer(AnswerRequest request, Principal caller, AnswerListener listener) {
        return answer(request, caller, listener, true);
    }

    /**
     * The same for a question of a chat.
     *
     * @param chat the turns around it, which stay in the prompt
     * @param writing how the answer is written; what the request says of that doesn't count
     */
    public Answer answer(AnswerRequest request, Chat chat, Writing writing, Principal caller, AnswerListener listener) {
        return answer(request, chat, writing, caller, listener, true);
    }

    /** The same where nobody wants the answer but to measure it: it counts as no demand. */
    public Answer measure(AnswerRequest request, AnswerListener listener) {
        return answer(request, Principal.LOCAL, listener, false);
    }

    private Answer answer(AnswerRequest request, Principal caller, AnswerListener listener, boolean counts) {
        return answer(request, Chat.NONE, request.writing(), caller, listener, counts);
    }

    private Answer answer(
            AnswerRequest request,
            Chat chat,
            Writing writing,
            Principal caller,
            AnswerListener listener,
            boolean counts) {
        Method method = requireMethod(request.method());
        check(method, writing);
        try (AnswerSession session =
                new AnswerSession(this, request, chat, writing, caller, method, listener, counts)) {
            return method.strategy().answer(session).traced(request.wantsTrace());
        }
    }

    /**
     * Whether answers of a method can be written so.
     *
     * @throws UserException if they can't
     */
    public void check(Method method, Writing writing) {
        if (writing.schema() != null && !method.strategy().keepsToSchemas()) {
            throw new UserException(
                    "method \"" + method.name() + "\" writes its answer in rounds, which can't be kept to"
                            + " a JSON schema; take another method, such as in-context or ircot");
        }
    }

    /**
     * Waits until the answers that are under way and have found one of these passages have ended, those that find them
     * later not counted.
     *
     * @return how many haven't
     */
    public int awaitUnderWay(Collection<String> passageIds, Duration most) throws InterruptedException {
        return underWay.await(passageIds, most);
    }

    /** Takes note of an answer, to be closed with it. */
    UnderWay.One begin() {
        return underWay.begin();
    }

    /**
     * The method of that name; null is the recipe's.
     *
     * @throws UserException naming those there are; or if the recipe trains on no pairs, which the method shows
     */
    public Method requireMethod(String name) {
        Method method = methods.require(Stream.of(name, recipe().answering().method(), Methods.PARAMETRIC)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow());
        boolean augmented = method.injection().name().equals(AugmentedInjection.NAME)
                && !method.name().equals(Methods.CLOSED_BOOK);
        if (augmented && !recipe().trainsOnPairs()) {
            throw new UserException("method \"" + method.name()
                    + "\" shows passages with their questions and answers, and the recipe "
                    + recipe().name() + " trains on none; take a recipe with pairs, or the method in-context");
        }
        return method;
    }

    /** The names of all methods, in alphabetical order. */
    public List<String> methods() {
        return methods.names();
    }

    /**
     * Whether a question would be answered now.
     *
     * @throws dev.prag.generation.EngineBusyException if too many requests are waiting
     */
    public void requireRoom() {
        engine().requireRoom();
    }

    /** How many passages are retrieved where a request doesn't say. */
    public int defaultTopK() {
        return defaultTopK("in-context");
    }

    /** How many passages this method retrieves where a request doesn't say. */
    public int defaultTopK(String method) {
        return composing(Composing.OPEN, method).topK();
    }

    /**
     * How a question's adapters are composed: its choices over those of the settings, over the recipe's.
     *
     * @throws UserException if a setting is none
     */
    public Composing composing(Composing request, String method) {
        return composing(request, requireMethod(method));
    }

    Composing composing(Composing request, Method method) {
        return request.over(settings.composing()).over(recipe().answering().composing(method.composesAs()));
    }

    /** The passages that retrieval finds among all, of different texts, best first. */
    public List<Retrieved> find(String question, int topK) {
        return find(question, topK, Filter.NONE);
    }

    /** The passages that retrieval finds among those that pass the filter, of different texts, best first. */
    public List<Retrieved> find(String question, int topK, Filter filter) {
        return texts(search(question, topK, filter, Principal.LOCAL), Principal.LOCAL);
    }

    Found search(String question, int topK, Filter filter, Principal caller) {
        return index.find(question, topK, filter, caller);
    }

    /** The passages of these hits, but for those that were deleted meanwhile, or closed to the caller. */
    List<Retrieved> texts(Found found, Principal caller) {
        Map<String, PassageText> texts =
                corpus.passages(found.hits().stream().map(Hit::passageId).toList(), caller).stream()
                        .collect(Collectors.toMap(PassageText::id, Function.identity()));
        List<Retrieved> passages = new ArrayList<>(found.hits().size());
        for (Hit hit : found.hits()) {
            PassageText passage = texts.get(hit.passageId());
            if (passage != null) {
                passages.add(new Retrieved(passage.id(), passage.title(), passage.text(), passage.page(), hit.score()));
            }
        }
        return passages;
    }

    void count(List<String> passageIds) {
        demand.count(runtime.modelId(), recipe().hash(), passageIds);
    }

    /** The passage as it stands in a prompt with what was made of it for training; as it is where nothing was. */
    Retrieved augmented(Retrieved passage, Principal caller) {
        return inspection
                .find(passage.id(), caller)
                .flatMap(PassageInspection.Inspected::augmentation)
                .map(made ->
                        passage.shownAs(AugmentedInjection.text(passage.text(), made, recipe().trainsOnRewrites())))
                .orElse(passage);
    }

    /** Bounds and knobs of strategies. */
    StrategySettings settings() {
        return strategies;
    }

    PassageAdapters adapters() {
        return adapters;
    }

    /** Tokens that a prompt and its answer may have together. */
    int context() {
        return runtime.context();
    }

    Recipe recipe() {
        return recipes.current();
    }

    LanguageModel model() {
        return runtime.languageModel();
    }

    AttentionReader attention() {
        return runtime.attention();
    }

    GenerationEngine engine() {
        return runtime.engine();
    }
}
