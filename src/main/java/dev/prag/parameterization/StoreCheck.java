package dev.prag.parameterization;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.StoreClaim;
import dev.prag.corpus.Targets;
import dev.prag.runtime.ModelRuntime;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Looks in the store for adapters that the database knows under the model and recipe in force, some hundreds at a time:
 * each look goes on where the last one ended, whoever made it, and goes on by itself as long as it finds that some are
 * missing. So a small store is looked at as a whole each time, and of a large one every part in turn.
 */
@ApplicationScoped
public class StoreCheck {
    private static final int PAGE = 500;
    /** Pages of one look that finds nothing wrong. */
    private static final int PAGES = 2;

    private final EncodingQueue queue;
    private final Targets targets;
    private final StoreClaim claim;
    private final AdapterStore store;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final boolean embedded;

    /** @param embedded whether the database lies in the home, so that the two belong together */
    @Inject
    public StoreCheck(
            EncodingQueue queue,
            Targets targets,
            StoreClaim claim,
            AdapterStore store,
            ModelRuntime runtime,
            Recipes recipes,
            @ConfigProperty(name = "prag.database.embedded", defaultValue = "false") boolean embedded) {
        this.queue = queue;
        this.targets = targets;
        this.claim = claim;
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
     * Makes the passages pending whose adapters are known and not in the store. Where none of those that it looks for
     * first, known to an external database, is there, the store is more likely the wrong one: nothing is changed then,
     * unless it is asked for.
     *
     * @param all whether to look for every adapter, and to do it also where none is there
     */
    public Found repair(boolean all) {
        claim.require();
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        String from = all ? "" : targets.checkedTo(model, recipe);
        boolean wrapped = from.isEmpty();
        int missing = 0;
        int pages = 0;
        boolean some = all || embedded;
        while (true) {
            List<String> known = queue.adapterIds(model, recipe, from, PAGE);
            if (known.isEmpty() && wrapped) {
                break;
            }
            List<String> lost = missing(known);
            some |= lost.size() < known.size();
            if (!some && !known.isEmpty()) {
                return new Found(lost.size(), false);
            }
            lost.forEach(queue::lost);
            missing += lost.size();
            pages++;
            if (known.size() == PAGE) {
                from = known.getLast();
            } else {
                from = "";
                if (wrapped) {
                    break;
                }
                wrapped = true;
            }
            if (!all && lost.isEmpty() && pages >= PAGES) {
                break;
            }
        }
        targets.checked(model, recipe, from);
        return new Found(missing, missing > 0);
    }

    private List<String> missing(List<String> known) {
        Set<String> there = store.statAll(known).keySet();
        List<String> missing = new ArrayList<>(known);
        missing.removeAll(there);
        return missing;
    }
}
