package dev.prag.tuning;

import dev.prag.base.Hashes;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.parameterization.AnsweringSettings;
import dev.prag.parameterization.EncodingListener;
import dev.prag.parameterization.EncodingProgress;
import dev.prag.parameterization.PassageFailure;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.TrialTrainer;
import dev.prag.retrieval.Language;
import dev.prag.runtime.ModelRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Trials on a sample, by the model of this process. What the journal knows isn't measured again. The adapters of the last
 * candidate stay on the device until another one's are needed, and those of the best so far are kept.
 */
final class CorpusTrials implements Tuner.Trials, AutoCloseable {
    /** What is measured; another number where the same way would be measured otherwise. */
    private static final int MEASURED = 3;

    private final ModelRuntime runtime;
    private final Recipe base;
    private final TuningSample sample;
    private final Language language;
    private final TuningJournal journal;
    private final LeadingAdapters leading;
    private final Drift drift;
    private final Tuning.Listener listener;
    private final BooleanSupplier cancelled;
    private final Map<String, Exam> exams = new HashMap<>();
    /** The training whose adapters are on the device, or null. */
    private String trained;

    private List<Adapter> made = List.of();
    private List<AdapterSlab.Slot> adapters = List.of();
    private AdapterSlab slab;

    CorpusTrials(
            ModelRuntime runtime,
            Recipe base,
            TuningSample sample,
            Language language,
            TuningJournal journal,
            LeadingAdapters leading,
            Tuning.Listener listener,
            BooleanSupplier cancelled) {
        this.runtime = runtime;
        this.base = base;
        this.sample = sample;
        this.language = language;
        this.journal = journal;
        this.leading = leading;
        this.drift = new Drift(runtime.languageModel());
        this.listener = listener;
        this.cancelled = cancelled;
    }

    @Override
    public Measured plain(int passages, int questions, Exam.Way way) {
        return once(key("plain", passages, questions, way), () -> {
            long start = System.nanoTime();
            Exam.Answers answers = exam(passages, questions)
                    .ask(way, List.of(), base.answering().topK());
            return measured(answers, 0, start);
        });
    }

    @Override
    public Measured composed(Candidate candidate, int passages, int questions, Exam.Way way) {
        Recipe recipe = base.with(candidate.training());
        return once(key(recipe.hash(), passages, questions, way), () -> {
            long start = System.nanoTime();
            train(candidate.name(), recipe, passages);
            Exam exam = exam(passages, questions);
            Exam.Answers answers = exam.ask(way, adapters, base.answering().topK());
            return measured(answers, drift.of(exam, way.composing(), adapters), start);
        });
    }

    @Override
    public void leads(Candidate candidate, int passages) {
        String wanted = key(base.with(candidate.training()), sample.first(passages, 0));
        // Where it was measured by a call before, that has kept them.
        if (wanted.equals(trained)) {
            leading.keep(wanted, made);
        }
    }

    private static Measured measured(Exam.Answers answers, double drift, long start) {
        return new Measured(
                answers.mean(),
                answers.mean(HeldOut.Kind.UNSEEN),
                answers.f1().length,
                drift,
                (System.nanoTime() - start) / 1e9);
    }

    private Measured once(String key, Supplier<Measured> measure) {
        Optional<Measured> known = journal.find(key);
        if (known.isPresent()) {
            return known.get();
        }
        Measured found = measure.get();
        journal.add(key, found);
        return found;
    }

    private String key(String what, int passages, int questions, Exam.Way way) {
        Hashes.Builder key = Hashes.builder();
        AnsweringSettings answering = base.answering();
        if (answering.extraction() != null || answering.repetitionPenalty() != null) {
            key.add(String.valueOf(answering.extraction())).add(String.valueOf(answering.repetitionPenalty()));
        }
        return key.add(MEASURED)
                .add(what)
                .add(passages)
                .add(questions)
                .add(way.inPrompt() ? 1 : 0)
                .add(String.valueOf(way.composing()))
                .hex();
    }

    /** Of what a training comes to, by this model. */
    private static String key(Recipe recipe, TuningSample learned) {
        Hashes.Builder key = Hashes.builder().add(recipe.hash());
        learned.learned().forEach(augmentation -> key.add(augmentation.hash()));
        return key.hex();
    }

    private Exam exam(int passages, int questions) {
        return exams.computeIfAbsent(passages + " " + questions, key -> {
            TuningSample part = sample.first(passages, questions);
            return new Exam(
                    runtime.languageModel(),
                    runtime.engine(),
                    base,
                    runtime.context(),
                    part,
                    new SampleIndex(part.passages(), language),
                    cancelled);
        });
    }

    private void train(String name, Recipe recipe, int passages) {
        TuningSample part = sample.first(passages, 0);
        String wanted = key(recipe, part);
        if (wanted.equals(trained)) {
            return;
        }
        free();
        made = leading.find(wanted).orElseGet(() -> TrialTrainer.open(runtime, recipe, cancelled)
                .train(part.passages(), part.learned(), new Told(name, passages)));
        long floats = made.stream()
                .filter(adapter -> adapter != null)
                .mapToLong(AdapterSlab::footprint)
                .sum();
        if (floats > 0) {
            slab = new AdapterSlab(
                    runtime.languageModel().decoder().device(),
                    runtime.folder().config().decoderShape(),
                    floats);
        }
        List<AdapterSlab.Slot> slots = new ArrayList<>();
        for (Adapter adapter : made) {
            slots.add(adapter == null ? null : slab.load(adapter));
        }
        adapters = slots;
        trained = wanted;
    }

    /** Tells how far the training of a candidate is. */
    private final class Told implements EncodingListener {
        private final String what;

        Told(String candidate, int passages) {
            what = candidate + ", on " + passages + " passages";
        }

        @Override
        public void onProgress(EncodingProgress progress) {
            listener.training(what, progress);
        }

        @Override
        public void onFailed(PassageFailure failure, boolean givenUp) {
            // Its questions are asked without an adapter, which tells enough.
        }
    }

    private void free() {
        trained = null;
        made = List.of();
        adapters = List.of();
        if (slab != null) {
            slab.close();
            slab = null;
        }
    }

    @Override
    public void close() {
        exams.values().forEach(Exam::close);
        free();
        drift.close();
    }
}
