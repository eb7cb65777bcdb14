package dev.prag.answering;

import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.PassageText;
import dev.prag.generation.GenerationEngine;
import dev.prag.llm.LanguageModel;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.Hit;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.AdapterResidency;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Answers questions by the methods there are. Safe for many threads: answers share the engine's batch. */
@Singleton
public final class AnswerService {
    private static final String DEFAULT_METHOD = "parametric";

    private final Map<String, AnswerMethod> methods;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final Corpus corpus;
    private final EncodingQueue queue;
    private final PassageIndex index;

    @Inject
    AnswerService(
            @All List<AnswerMethod> methods,
            ModelRuntime runtime,
            Recipes recipes,
            Corpus corpus,
            EncodingQueue queue,
            PassageIndex index) {
        this.methods = methods.stream()
                .collect(Collectors.toMap(AnswerMethod::name, Function.identity(), (a, b) -> a, TreeMap::new));
        this.runtime = runtime;
        this.recipes = recipes;
        this.corpus = corpus;
        this.queue = queue;
        this.index = index;
    }

    /** Answers a question; waits for the whole answer. */
    public Answer answer(AnswerRequest request) {
        return answer(request, AnswerListener.NONE);
    }

    /**
     * Answers a question, and tells of its text as it comes.
     *
     * @throws UserException if the method is unknown, or the prompt is longer than the context
     * @throws dev.prag.generation.EngineBusyException if too many requests are waiting
     */
    public Answer answer(AnswerRequest request, AnswerListener listener) {
        AnswerMethod method = requireMethod(request.method());
        try (AnswerSession session = new AnswerSession(this, request, method.name(), listener)) {
            return method.answer(session);
        }
    }

    /**
     * The method of that name; null is parametric.
     *
     * @throws UserException naming those there are
     */
    public AnswerMethod requireMethod(String name) {
        AnswerMethod method = methods.get(name == null ? DEFAULT_METHOD : name);
        if (method == null) {
            throw new UserException(
                    "method \"" + name + "\" is unknown; choose one of " + String.join(", ", methods.keySet()));
        }
        return method;
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
        return recipe().answering().topK();
    }

    /** The passages that retrieval finds, best first. */
    public List<Retrieved> find(String question, int topK) {
        List<Hit> hits = index.search(question, topK);
        Map<String, PassageText> texts = corpus
                .passages(hits.stream().map(Hit::passageId).toList())
                .stream()
                .collect(Collectors.toMap(PassageText::id, Function.identity()));
        List<Retrieved> passages = new ArrayList<>(hits.size());
        for (Hit hit : hits) {
            PassageText passage = texts.get(hit.passageId());
            if (passage != null) {
                passages.add(new Retrieved(passage.id(), passage.title(), passage.text(), hit.score(), null));
            }
        }
        return passages;
    }

    /** The adapters of these passages on the device, empty where one isn't ready; the caller closes them. */
    List<Optional<AdapterResidency.Handle>> adapters(List<Retrieved> passages) {
        Map<String, String> ids = queue.adapters(
                runtime.modelId(),
                recipe().hash(),
                passages.stream().map(Retrieved::id).toList());
        Iterator<Optional<AdapterResidency.Handle>> acquired = runtime.adapters()
                .acquire(passages.stream()
                        .map(passage -> ids.get(passage.id()))
                        .filter(Objects::nonNull)
                        .toList())
                .iterator();
        return passages.stream()
                .map(passage ->
                        ids.containsKey(passage.id()) ? acquired.next() : Optional.<AdapterResidency.Handle>empty())
                .toList();
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
