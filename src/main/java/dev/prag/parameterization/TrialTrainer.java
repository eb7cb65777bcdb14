package dev.prag.parameterization;

import dev.prag.augmentation.Augmentation;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.PassageText;
import dev.prag.lora.Adapter;
import dev.prag.runtime.ModelRuntime;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Trains adapters as the encoder does, to look at: nothing is taken from the queue, and nothing is kept. */
public final class TrialTrainer {
    private final ModelRuntime runtime;
    private final Recipe recipe;
    private final ItemTrainer trainer;
    private final BooleanSupplier cancelled;

    private TrialTrainer(ModelRuntime runtime, Recipe recipe, ItemTrainer trainer, BooleanSupplier cancelled) {
        this.runtime = runtime;
        this.recipe = recipe;
        this.trainer = trainer;
        this.cancelled = cancelled;
    }

    /**
     * Opens the model and tries the recipe on it.
     *
     * @param cancelled asked while it reads, and by its trainings
     * @throws dev.prag.base.UserException if the model can't be loaded, or the recipe can't be applied to it
     */
    public static TrialTrainer open(ModelRuntime runtime, Recipe recipe, BooleanSupplier cancelled) {
        return new TrialTrainer(runtime, recipe, ItemTrainer.open(runtime, recipe, cancelled), cancelled);
    }

    /**
     * Trains all together.
     *
     * @param augmentations of the passages, in their order
     * @param listener told how far it is
     * @return an adapter for each passage, in their order; null for one whose training diverged or failed, or that the recipe withholds
     */
    public List<Adapter> train(
            List<PassageText> passages, List<Augmentation> augmentations, EncodingListener listener) {
        SampleBuilder samples = SampleBuilder.of(runtime.languageModel(), recipe);
        List<EncodingItem> items = new ArrayList<>();
        for (int i = 0; i < passages.size(); i++) {
            LeasedPassage leased = LeasedPassage.unleased(i, passages.get(i));
            items.add(new EncodingItem(
                    leased,
                    augmentations.get(i),
                    leased.passageId(),
                    samples.split(leased.text(), augmentations.get(i))));
        }
        RunProgress progress = new RunProgress(listener, EncoderMetrics.unseen());
        progress.expect(items.size());
        RunProgress.Batch batch = progress.begin(items.size(), false);
        batch.beginTraining(items.size());
        Map<EncodingItem, Adapter> adapters = new IdentityHashMap<>();
        trainer.train(items, batch, cancelled, outcome -> {
            if (outcome.isTrained() && outcome.withheld() == null) {
                adapters.put(outcome.item(), outcome.result().adapter());
            }
        });
        List<Adapter> inOrder = new ArrayList<>();
        items.forEach(item -> inOrder.add(adapters.get(item)));
        return inOrder;
    }
}
