package dev.prag.answering;

import dev.prag.access.Principal;
import dev.prag.adapterstore.AdapterRef;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.EncodingState;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.Acquired;
import dev.prag.runtime.AdapterResidency;
import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Brings adapters of passages to the device. Nothing that is found wrong on this way changes the corpus. */
@Singleton
final class PassageAdapters {
    private static final System.Logger LOG = System.getLogger(PassageAdapters.class.getName());

    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final EncodingQueue queue;

    @Inject
    PassageAdapters(ModelRuntime runtime, Recipes recipes, EncodingQueue queue) {
        this.runtime = runtime;
        this.recipes = recipes;
        this.queue = queue;
    }

    /**
     * A passage's adapter, or why there is none.
     *
     * @param handle null where there is none
     * @param why null where there is one, and where the passage is gone for the caller
     * @param detail what is wrong with one that is unusable, in words
     */
    record Supplied(AdapterResidency.Handle handle, WithoutAdapter why, String detail) {
        /** Whether the passage was deleted, or closed to the caller, since it was found. */
        boolean isGone() {
            return handle == null && why == null;
        }
    }

    /**
     * Brings adapters of passages that were found, and that the caller may read, to the device, beside the caller, who will ask for them; what goes
     * wrong, whoever asks is told.
     */
    void prefetch(List<String> passageIds, Principal caller) {
        Thread.ofVirtual().name("prag-prefetch").start(() -> {
            try {
                runtime.adapters()
                        .prefetch(List.copyOf(queue.adapters(
                                        runtime.modelId(), recipes.current().hash(), passageIds, caller)
                                .values()));
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.DEBUG, "adapters were not fetched beforehand", e);
            }
        });
    }

    /**
     * The adapters of these passages under the model and recipe in force, in their order; whoever asked closes them. What
     * the caller may read is asked of the database again.
     */
    List<Supplied> acquire(List<Retrieved> passages, Principal caller) {
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        List<String> ids = passages.stream().map(Retrieved::id).toList();
        Map<String, AdapterRef> adapters = queue.adapters(model, recipe, ids, caller);
        Map<String, EncodingState> states =
                adapters.size() == ids.size() ? Map.of() : queue.states(model, recipe, ids, caller);
        Iterator<Acquired> acquired = runtime.adapters()
                .acquire(
                        ids.stream().map(adapters::get).filter(Objects::nonNull).toList())
                .iterator();
        List<Supplied> supplied = new ArrayList<>(ids.size());
        for (String id : ids) {
            if (adapters.containsKey(id)) {
                Acquired adapter = acquired.next();
                supplied.add(new Supplied(
                        adapter.handle(),
                        adapter.isPresent() ? null : WithoutAdapter.of(adapter.absence()),
                        adapter.detail()));
            } else {
                EncodingState state = states.get(id);
                supplied.add(new Supplied(null, state == null ? null : WithoutAdapter.of(state), null));
            }
        }
        return supplied;
    }
}
