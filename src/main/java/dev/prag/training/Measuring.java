package dev.prag.training;

import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Scope;
import dev.prag.tensor.Device;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Measures adapters side by side, forward only. */
final class Measuring {
    private final Device device;
    private final DecoderShape shape;
    private final Answers answers;
    private final Scope scope;

    /** @param scope over which part of a question adapters are in force */
    Measuring(Device device, DecoderShape shape, Answers answers, Scope scope) {
        this.device = device;
        this.shape = shape;
        this.answers = answers;
        this.scope = scope;
    }

    List<Measure> measure(List<Probe> probes) {
        List<Adapter> adapters = probes.stream()
                .flatMap(probe -> Stream.of(probe.adapter(), probe.other()))
                .filter(Objects::nonNull)
                .toList();
        return with(adapters, compositions -> measure(probes, compositions));
    }

    /** As {@link Trainer#harm}. */
    double[] harm(List<Adapter> adapters, List<Sample> texts) {
        return with(adapters, compositions -> {
            List<Answers.Question> questions = new ArrayList<>();
            texts.forEach(text -> questions.add(question(text, Composition.NONE)));
            for (Adapter adapter : adapters) {
                texts.forEach(text -> questions.add(question(text, compositions.get(adapter))));
            }
            double[] losses = answers.losses(questions);
            double base = mean(texts, losses, 0);
            return IntStream.rangeClosed(1, adapters.size())
                    .mapToDouble(i -> mean(texts, losses, i * texts.size()) - base)
                    .toArray();
        });
    }

    /** Does something with the adapters on the device, each once. */
    private <T> T with(List<Adapter> adapters, Function<Map<Adapter, Composition>, T> work) {
        Map<Adapter, Composition> compositions = new IdentityHashMap<>();
        long floats = 0;
        for (Adapter adapter : adapters) {
            floats += compositions.put(adapter, Composition.NONE) == null ? AdapterSlab.footprint(adapter) : 0;
        }
        try (AdapterSlab slab = new AdapterSlab(device, shape, floats)) {
            compositions.replaceAll(
                    (adapter, none) -> new Composition(List.of(new Composition.Term(slab.load(adapter), 1))));
            return work.apply(compositions);
        }
    }

    private List<Measure> measure(List<Probe> probes, Map<Adapter, Composition> compositions) {
        List<Answers.Question> questions = new ArrayList<>();
        for (Probe probe : probes) {
            Composition own = compositions.get(probe.adapter());
            ask(questions, probe, own);
            if (probe.other() != null) {
                ask(questions, probe, compositions.get(probe.other()));
            }
            ask(questions, probe, Composition.NONE);
        }
        double[] losses = answers.losses(questions);
        List<Measure> measures = new ArrayList<>();
        int next = 0;
        for (Probe probe : probes) {
            int count = probe.questions().size();
            double own = mean(probe.questions(), losses, next);
            next += count;
            Double other = null;
            if (probe.other() != null) {
                other = mean(probe.questions(), losses, next);
                next += count;
            }
            double none = mean(probe.questions(), losses, next);
            next += count;
            measures.add(new Measure(own, other, none));
        }
        return measures;
    }

    private void ask(List<Answers.Question> questions, Probe probe, Composition composition) {
        probe.questions().forEach(sample -> questions.add(question(sample, composition)));
    }

    private Answers.Question question(Sample sample, Composition composition) {
        return new Answers.Question(sample, composition, scope);
    }

    /** Over all tokens of the samples' answers. */
    private static double mean(List<Sample> samples, double[] losses, int from) {
        double sum = 0;
        int tokens = 0;
        for (int i = 0; i < samples.size(); i++) {
            int of = samples.get(i).answerTokens();
            sum += losses[from + i] * of;
            tokens += of;
        }
        return sum / tokens;
    }
}
