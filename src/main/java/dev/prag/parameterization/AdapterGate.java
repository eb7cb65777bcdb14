package dev.prag.parameterization;

import dev.prag.corpus.AdapterMeasure;
import dev.prag.lora.Adapter;
import dev.prag.lora.Scope;
import dev.prag.parameterization.ItemTrainer.Outcome;
import dev.prag.parameterization.Weakening.Weakened;
import dev.prag.runtime.ModelRuntime;
import dev.prag.training.Measure;
import dev.prag.training.Probe;
import dev.prag.training.Sample;
import dev.prag.training.Trainer;
import dev.prag.training.TrainingRecipe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures adapters after training: how much likelier the passage's answers are with its own adapter than with another
 * passage's, and what the adapter does to a text that has nothing to do with either. Where the recipe has bounds, adapters
 * that do too much to the text are weakened, as the recipe allows: what an adapter knows shrinks far more slowly with its
 * strength than what it does elsewhere. Those that are still outside the bounds are trained again at lower rates, and then
 * withheld; those whose training diverged are trained again, too.
 */
final class AdapterGate {
    /** What a token of training takes, in tokens that only go forward; without the products for the weights. */
    private static final double FORWARD_PASSES = 2;

    /** Neutral texts that bounds are held to, and that are looked at where there are none. */
    private static final int TEXTS = 4;

    private static final int TEXTS_WITHOUT_BOUNDS = 1;

    private final Trainer trainer;
    private final TrainingRecipe recipe;
    private final GateSettings bounds;
    private final double share;
    private final List<Sample> neutral;

    private AdapterGate(
            Trainer trainer, TrainingRecipe recipe, GateSettings bounds, double share, List<Sample> neutral) {
        this.trainer = trainer;
        this.recipe = recipe;
        this.bounds = bounds;
        this.share = share;
        this.neutral = neutral;
    }

    /** By the recipe's bounds, if it has some, and at the cost that the settings allow. */
    static AdapterGate of(ModelRuntime runtime, Recipe recipe) {
        return new AdapterGate(
                runtime.trainer(),
                recipe.trainingRecipe(),
                recipe.training().gate(),
                runtime.measureShare(),
                Neutral.measured(
                        runtime.languageModel(),
                        recipe.training().gate() == null ? TEXTS_WITHOUT_BOUNDS : TEXTS,
                        recipe.trainingRecipe().scope()));
    }

    /** How often an item may be trained. */
    int tries() {
        return bounds == null ? 1 : bounds.tries();
    }

    /** Of the trainings that an item may have. */
    float lowestRate() {
        return rate(tries() - 1);
    }

    private float rate(int attempt) {
        return attempt == 0 ? recipe.learningRate() : bounds.rate(recipe.learningRate(), attempt);
    }

    /**
     * Lets adapters pass, or be withheld.
     *
     * @param again trains some of the items once more, at another learning rate
     * @param settled told each outcome as soon as it stays as it is; those that couldn't be trained come last
     */
    void pass(
            List<Outcome> outcomes,
            BiFunction<List<EncodingItem>, Float, List<Outcome>> again,
            Consumer<Outcome> settled) {
        List<Outcome> passed = new ArrayList<>(outcomes);
        if (bounds == null && share == 0) {
            passed.stream().filter(Outcome::isTrained).forEach(settled);
        } else {
            settle(passed, again, settled);
        }
        passed.stream().filter(outcome -> !outcome.isTrained()).forEach(settled);
    }

    private void settle(
            List<Outcome> passed,
            BiFunction<List<EncodingItem>, Float, List<Outcome>> again,
            Consumer<Outcome> settled) {
        List<Adapter> others = others(passed);
        List<Integer> open = IntStream.range(0, passed.size())
                .filter(i -> passed.get(i).isTrained() || passed.get(i).diverged())
                .boxed()
                .toList();
        for (int attempt = 0; !open.isEmpty(); attempt++) {
            List<Integer> fresh = attempt == 0 ? open : retrain(passed, open, rate(attempt), again);
            List<Integer> trained =
                    fresh.stream().filter(i -> passed.get(i).isTrained()).toList();
            measure(passed, trained, others, attempt);
            boolean last = bounds == null || attempt + 1 == bounds.tries();
            Map<Boolean, List<Integer>> over = open.stream()
                    .collect(
                            Collectors.partitioningBy(i -> last || passed.get(i).isGood()));
            over.get(true).stream().map(passed::get).filter(Outcome::isTrained).forEach(settled);
            open = over.get(false);
        }
    }

    /**
     * For each item another's adapter, as it was first trained: of the passages in the order of their texts' hashes the
     * next one, so that the same batch gives the same pairs in whatever order it was taken.
     */
    private static List<Adapter> others(List<Outcome> outcomes) {
        List<Outcome> order = outcomes.stream()
                .filter(Outcome::isTrained)
                .sorted(Comparator.comparing(
                        (Outcome outcome) -> outcome.item().passage().textHash()))
                .toList();
        List<Adapter> others = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            int at = order.indexOf(outcome);
            // One that isn't there yet has the first of the others.
            others.add(
                    order.size() < (at < 0 ? 1 : 2)
                            ? null
                            : order.get((at + 1) % order.size()).result().adapter());
        }
        return others;
    }

    /** Those that were trained now; another one stays as it was. */
    private static List<Integer> retrain(
            List<Outcome> passed,
            List<Integer> open,
            float rate,
            BiFunction<List<EncodingItem>, Float, List<Outcome>> again) {
        List<Outcome> trained =
                again.apply(open.stream().map(i -> passed.get(i).item()).toList(), rate);
        List<Integer> fresh = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
            if (trained.get(i).isTrained()) {
                passed.set(open.get(i), trained.get(i));
                fresh.add(open.get(i));
            }
        }
        return fresh;
    }

    private void measure(List<Outcome> passed, List<Integer> open, List<Adapter> others, int attempt) {
        if (open.isEmpty()) {
            return;
        }
        List<Weakened> adapters = Weakening.of(
                open.stream().map(i -> passed.get(i).result().adapter()).toList(),
                bounds == null ? List.of(1f) : bounds.strengths(),
                bounds == null ? Double.POSITIVE_INFINITY : bounds.neutral(),
                tried -> trainer.harm(tried, neutral, recipe.scope()));
        List<Probe> probes = IntStream.range(0, open.size())
                .mapToObj(i -> new Probe(
                        adapters.get(i).adapter(),
                        others.get(open.get(i)),
                        questions(passed.get(open.get(i)).item())))
                .toList();
        List<Measure> measures = trainer.measure(probes, recipe.scope());
        for (int i = 0; i < open.size(); i++) {
            Outcome outcome = passed.get(open.get(i)).with(adapters.get(i).adapter());
            Measure measure = measures.get(i);
            AdapterMeasure kept = new AdapterMeasure(
                    measure.own(),
                    measure.other(),
                    measure.none(),
                    adapters.get(i).harm(),
                    attempt + 1,
                    rate(attempt),
                    adapters.get(i).strength());
            passed.set(open.get(i), new Outcome(outcome.item(), outcome.result(), null, kept, fault(kept)));
        }
    }

    /** As many questions as may be asked at the cost that is allowed, and one at least. */
    private List<Sample> questions(EncodingItem item) {
        long learned = item.tokens(recipe.scope());
        long read = item.tokens(Scope.PROMPT) - learned;
        double left =
                share * (FORWARD_PASSES * recipe.epochs() * learned + read) - Sample.computed(neutral, recipe.scope());
        List<Sample> questions = new ArrayList<>();
        for (Sample sample : item.samples().asked()) {
            // With the adapter, with another one and with none: what the base model reads of it is read once.
            int answered = sample.computed(recipe.scope());
            left -= 3 * answered + (sample.ids().length - answered);
            if (left < 0 && !questions.isEmpty()) {
                break;
            }
            questions.add(sample);
        }
        return questions;
    }

    private String fault(AdapterMeasure measure) {
        if (bounds == null) {
            return null;
        }
        List<String> faults = new ArrayList<>();
        // Written so that what isn't a number is a fault.
        if (!(measure.gain() >= bounds.gain())) {
            faults.add(String.format(
                    Locale.ROOT,
                    "its answers are likelier by %.3f nats a token than with %s, and %s are asked for",
                    measure.gain(),
                    measure.other() == null ? "no adapter" : "another passage's",
                    bounds.gain()));
        }
        if (!(measure.neutral() <= bounds.neutral())) {
            faults.add(String.format(
                    Locale.ROOT,
                    "it makes a neutral text less likely by %.3f nats a token, and at most %s are allowed",
                    measure.neutral(),
                    bounds.neutral()));
        }
        return faults.isEmpty()
                ? null
                : String.join("; ", faults)
                        + (measure.trainings() > 1 ? " (after " + measure.trainings() + " trainings)" : "");
    }
}
