package dev.prag.parameterization;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.corpus.EncodingQueue;
import dev.prag.runtime.ModelRuntime;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Compares the adapters that the database knows, under the model and recipe in force, with those in the store. */
@ApplicationScoped
public class StoreCheck {
    private final EncodingQueue queue;
    private final AdapterStore store;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final boolean embedded;

    /** @param embedded whether the database lies in the home, so that the two belong together */
    @Inject
    public StoreCheck(
            EncodingQueue queue,
            AdapterStore store,
            ModelRuntime runtime,
            Recipes recipes,
            @ConfigProperty(name = "prag.database.embedded", defaultValue = "false") boolean embedded) {
        this.queue = queue;
        this.store = store;
        this.runtime = runtime;
        this.recipes = recipes;
        this.embedded = embedded;
    }

    /**
     * What was found.
     *
     * @param missing adapters that are known and not in the store
     * @param pending whether their passages are pending now
     */
    public record Found(int missing, boolean pending) {}

    /**
     * Makes the passages pending whose adapters are known and not in the store. Where none of those that an external
     * database knows is there, the home is more likely the wrong one: nothing is changed then, unless it is asked for.
     *
     * @param evenAll whether to do it also where none is there
     */
    public Found repair(boolean evenAll) {
        List<String> known =
                queue.adapterIds(runtime.modelId(), recipes.current().hash());
        if (known.isEmpty()) {
            return new Found(0, false);
        }
        Set<String> there = new HashSet<>();
        store.list().forEach(entry -> there.add(entry.id()));
        List<String> missing = known.stream().filter(id -> !there.contains(id)).toList();
        boolean repaired = evenAll || embedded || missing.size() < known.size();
        if (repaired) {
            // The list is older than the look.
            missing.stream().filter(id -> store.stat(id).isEmpty()).forEach(queue::lost);
        }
        return new Found(missing.size(), repaired && !missing.isEmpty());
    }
}
