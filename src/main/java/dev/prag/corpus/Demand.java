package dev.prag.corpus;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Reception;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Counts which passages questions retrieve, and keeps no word of the questions: what is retrieved most is encoded first.
 * Counting is adding to a map; now and then a thread of its own writes what has come together, so that no answer waits
 * for it or fails with it. What can't be written is forgotten: the next questions say it again.
 */
@ApplicationScoped
public class Demand {
    /** Passages between two writes; what comes beyond it isn't counted. */
    static final int MOST = 10_000;

    private static final System.Logger LOG = System.getLogger(Demand.class.getName());
    private static final long DELAY_SECONDS = 5;
    private static final int KEPT_DAYS = 90;

    private final DemandRows rows;
    private final boolean enabled;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("prag-demand").factory());
    // Guarded by this.
    private Map<String, Integer> counted = new HashMap<>();
    private String model;
    private String recipe;
    private boolean scheduled;

    @Inject
    Demand(DemandRows rows, @ConfigProperty(name = "prag.demand.enabled", defaultValue = "true") boolean enabled) {
        this.rows = rows;
        this.enabled = enabled;
    }

    /** Takes note that a question has retrieved these passages, under the model and recipe in force; waits for nothing. */
    public synchronized void count(String underModel, String underRecipe, List<String> passageIds) {
        if (!enabled || passageIds.isEmpty()) {
            return;
        }
        model = underModel;
        recipe = underRecipe;
        for (String id : passageIds) {
            if (counted.size() < MOST || counted.containsKey(id)) {
                counted.merge(id, 1, Integer::sum);
            }
        }
        if (!scheduled && !thread.isShutdown()) {
            scheduled = true;
            thread.schedule(this::write, DELAY_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** How many passages questions have retrieved lately, and how many of them had an adapter. */
    public Retrieved retrieved(String underModel, String underRecipe, int days) {
        return rows.retrieved(underModel, underRecipe, days);
    }

    /** @param adapters how many of them had an adapter when it was counted */
    public record Retrieved(long passages, long adapters) {}

    /** Writes what was counted. */
    void write() {
        Map<String, Integer> taken;
        synchronized (this) {
            taken = counted;
            counted = new HashMap<>();
            scheduled = false;
        }
        if (taken.isEmpty()) {
            return;
        }
        List<String> ids = new ArrayList<>(taken.size());
        List<String> counts = new ArrayList<>(taken.size());
        taken.forEach((id, count) -> {
            ids.add(id);
            counts.add(count.toString());
        });
        try {
            rows.add(ids, counts);
            rows.addDay(model, recipe, ids, counts, KEPT_DAYS);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "what questions retrieved was not counted", e);
        }
    }

    /** While there is a database. */
    void onShutdown(@Observes(notifyObserver = Reception.IF_EXISTS) @Priority(1) ShutdownEvent event) {
        thread.shutdownNow();
        write();
    }
}
