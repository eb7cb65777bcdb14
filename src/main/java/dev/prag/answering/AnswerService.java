package dev.prag.answering;

import dev.prag.access.Principal;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.Demand;
import dev.prag.corpus.PassageText;
import dev.prag.generation.GenerationEngine;
import dev.prag.llm.LanguageModel;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.Filter;
import dev.prag.retrieval.Found;
import dev.prag.retrieval.Hit;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Answers questions by the methods there are. Safe for many threads: answers share the engine's batch. */
@Singleton
public final class AnswerService {
    private static final String DEFAULT_METHOD = "parametric";

    private final Map<String, AnswerMethod> methods;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final Corpus corpus;
    private final PassageAdapters adapters;
    private final PassageIndex index;
    private final AnsweringSettings settings;
    private final Demand demand;
    private final UnderWay underWay = new UnderWay();

    @Inject
    AnswerService(
            @All List<AnswerMethod> methods,
            ModelRuntime runtime,
            Recipes recipes,
            Corpus corpus,
            PassageAdapters adapters,
            PassageIndex index,
            AnsweringSettings settings,
            Demand demand) {
        this.methods = methods.stream()
                .collect(Collectors.toMap(AnswerMethod::name, Function.identity(), (a, b) -> a, TreeMap::new));
        this.runtime = runtime;
        this.recipes = recipes;
        this.corpus = corpus;
        this.adapters = adapters;
        this.index = index;
        this.settings = settings;
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
        AnswerMethod method = requireMethod(request.method());
        try (AnswerSession session =
                new AnswerSession(this, request, chat, writing, caller, method.name(), listener, true)) {
            return method.answer(session);
        }
    }

    /** The same where nobody wants the answer but to measure it: it counts as no demand. */
    public Answer measure(AnswerRequest request, AnswerListener listener) {
        return answer(request, Principal.LOCAL, listener, false);
    }

    private Answer answer(AnswerRequest request, Principal caller, AnswerListener listener, boolean counts) {
        AnswerMethod method = requireMethod(request.method());
        try (AnswerSession session = new AnswerSession(this, request, caller, method.name(), listener, counts)) {
            return method.answer(session);
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
     * @throws UserException naming those there are
     */
    public AnswerMethod requireMethod(String name) {
        String wanted = Stream.of(name, recipe().answering().method(), DEFAULT_METHOD)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
        AnswerMethod method = methods.get(wanted);
        if (method == null) {
            throw new UserException(
                    "method \"" + wanted + "\" is unknown; choose one of " + String.join(", ", methods.keySet()));
        }
        return method;
    }

    /** The names of all methods, in alphabetical order. */
    public List<String> methods() {
        return List.copyOf(methods.keySet());
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
        return request.over(settings.composing()).over(recipe().answering().composing(method));
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

    GenerationEngine engine() {
        return runtime.engine();
    }
}
