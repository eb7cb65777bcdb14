package dev.prag.bench;

import dev.prag.generation.EngineSettings;
import dev.prag.generation.Generation;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.TokenListener;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Decoding through the engine: the time of a step with so many sequences in it, without adapters and with a composition
 * of three rank-2 adapters for each sequence, all different. With and without take turns, so that a machine whose speed
 * drifts slows both.
 */
final class DecodePart {
    private static final String PART = "decode";
    private static final int[] BATCHES = {1, 2, 4, 8};
    private static final int PROMPT = 64;
    private static final int ADAPTERS = 3;

    private DecodePart() {}

    static List<Figure> run(Subject subject, Ceilings ceilings, int runs, int tokens) throws Exception {
        List<Figure> figures = new ArrayList<>();
        int most = BATCHES[BATCHES.length - 1];
        long floats = ADAPTERS * most * AdapterSlab.footprint(subject.adapter(0));
        EngineSettings settings = EngineSettings.of(PROMPT + 2 * tokens, most);
        try (AdapterSlab slab =
                        new AdapterSlab(subject.device(), subject.config().decoderShape(), floats);
                GenerationEngine engine = new GenerationEngine(subject.decoder(), settings)) {
            List<Composition> compositions = new ArrayList<>();
            for (int i = 0; i < most; i++) {
                List<Composition.Term> terms = new ArrayList<>();
                for (int j = 0; j < ADAPTERS; j++) {
                    terms.add(new Composition.Term(slab.load(subject.adapter(i * ADAPTERS + j)), 1f / ADAPTERS));
                }
                compositions.add(new Composition(terms));
            }
            double single = 0;
            for (int batch : BATCHES) {
                List<Composition> none = Collections.nCopies(batch, Composition.NONE);
                List<Composition> some = compositions.subList(0, batch);
                step(engine, subject, none, tokens);
                step(engine, subject, some, tokens);
                double[] without = new double[runs];
                double[] with = new double[runs];
                double[] ofBandwidth = new double[runs];
                for (int i = 0; i < runs; i++) {
                    // What the memory gives changes from minute to minute on a shared machine.
                    double bandwidth = batch == 1 ? ceilings.bandwidthOnce() : 1;
                    without[i] = step(engine, subject, none, tokens);
                    with[i] = step(engine, subject, some, tokens);
                    ofBandwidth[i] = subject.bytesRead() / without[i] / bandwidth;
                }
                Spread plain = Spread.of(without);
                Spread adapted = Spread.of(with);
                single = batch == 1 ? plain.median() : single;
                Figure rate = Figure.of(PART, "batch " + batch, "tok/s", plain.per(batch));
                figures.add(
                        batch == 1
                                ? rate.compared(Spread.of(ofBandwidth).median(), ceilings.bandwidthName())
                                : rate.compared(batch * single / plain.median(), "batch 1"));
                String compositionsOf = batch == 1 ? ", 1 composition" : ", " + batch + " compositions";
                figures.add(Figure.of(PART, "batch " + batch + compositionsOf, "tok/s", adapted.per(batch))
                        .compared(adapted.median() / plain.median(), "step without adapters"));
            }
        }
        return figures;
    }

    /** Median seconds of a step in which all sequences take a token. */
    private static double step(GenerationEngine engine, Subject subject, List<Composition> compositions, int tokens) {
        List<Generation> running = new ArrayList<>();
        StepTimes last = new StepTimes();
        for (int i = 0; i < compositions.size(); i++) {
            // Earlier ones go on for longer, so that every step of the last has them all.
            boolean isLast = i == compositions.size() - 1;
            GenerationRequest request = GenerationRequest.greedy(
                            subject.ids(PROMPT, i), isLast ? tokens : tokens + PROMPT * compositions.size() / 16)
                    .ignoringEos()
                    .with(compositions.get(i));
            running.add(engine.submit(request, isLast ? last : TokenListener.NONE));
        }
        running.getLast().join();
        running.forEach(Generation::cancel);
        running.forEach(Generation::join);
        return last.medianStep();
    }
}
