package dev.prag.parameterization;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.LeasedPassage;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterFormat;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes what became of leased passages: adapters into the store, and then their rows, if this encoder still holds them.
 */
final class EncodingResults {
    private final EncodingQueue queue;
    private final AdapterStore store;
    private final Supplier<AdapterFormat> format;

    EncodingResults(EncodingQueue queue, AdapterStore store, Supplier<AdapterFormat> format) {
        this.queue = queue;
        this.store = store;
        this.format = format;
    }

    /** Writes what a training made: its measure, and the adapter, unless it is withheld. */
    void publish(EncodingRun run, RunProgress.Batch progress, ItemTrainer.Outcome outcome) {
        EncodingItem item = outcome.item();
        if (!run.leases().holds(item.passage())) {
            progress.dropped();
            return;
        }
        if (outcome.measure() != null) {
            queue.saveMeasure(item.passage().encodingId(), run.leases().owner(), outcome.measure());
        }
        if (outcome.withheld() == null) {
            store(run, progress, item, outcome.result().adapter());
            return;
        }
        boolean ours = queue.withhold(item.passage().encodingId(), run.leases().owner(), outcome.withheld());
        run.leases().done(item.passage());
        if (ours) {
            progress.withheld();
        } else {
            progress.dropped();
        }
    }

    private void store(EncodingRun run, RunProgress.Batch progress, EncodingItem item, Adapter adapter) {
        byte[] bytes = AdapterCodec.encode(adapter, run.metadata(item), format.get());
        queue.beforeStoring(item.adapterId());
        String checksum = store.put(item.adapterId(), bytes);
        complete(run, progress, item, checksum, bytes.length, false);
    }

    /** The passage's adapter is in the store. */
    void complete(
            EncodingRun run,
            RunProgress.Batch progress,
            EncodingItem item,
            String checksum,
            long bytes,
            boolean wasThere) {
        List<String> notes = item.augmentation().notes();
        String note = notes.isEmpty() ? null : String.join("; ", notes);
        LeasedPassage passage = item.passage();
        boolean ours =
                queue.complete(passage.encodingId(), run.leases().owner(), item.adapterId(), checksum, bytes, note);
        run.leases().done(passage);
        if (ours) {
            progress.ready(wasThere, note != null);
        } else {
            progress.dropped();
        }
    }

    /** Its attempt failed. */
    void fail(EncodingRun run, RunProgress.Batch progress, PassageFailure failure) {
        LeasedPassage passage = failure.passage();
        run.leases().done(passage);
        // Who no longer holds it, as it was deleted, has nothing to say about it.
        queue.fail(passage.encodingId(), run.leases().owner(), failure.reason(), failure.detail(), failure.hopeless())
                .ifPresentOrElse(state -> progress.failed(failure, state == EncodingState.FAILED), progress::dropped);
    }
}
