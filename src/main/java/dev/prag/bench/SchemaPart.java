package dev.prag.bench;

import dev.prag.generation.EngineSettings;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.Sampling;
import dev.prag.generation.grammar.Grammar;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.generation.grammar.Matcher;
import dev.prag.generation.grammar.TokenVocabulary;
import dev.prag.llm.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Texts that keep to a JSON schema: what its masks cost a token, by themselves and in a step of the engine. The texts are
 * drawn from the model, each with a seed of its own.
 */
final class SchemaPart {
    private static final String PART = "schema";
    private static final int PROMPT = 64;
    private static final int TOKENS = 256;

    /** Objects in a list, with bounded and free texts, a number, a choice, and what may be left out. */
    private static final JsonSchema SCHEMA = JsonSchema.of("""
            {"type":"array","minItems":3,"items":{"type":"object","properties":{
            "question":{"type":"string","minLength":20,"maxLength":300},
            "answer":{"type":"string","minLength":20},
            "kind":{"enum":["fact","reason","comparison"]},
            "year":{"type":"integer","minimum":0,"maximum":3000},
            "words":{"type":"array","items":{"type":"string"},"maxItems":4},
            "source":{"anyOf":[{"type":"string"},{"type":"null"}]}},
            "required":["question","answer","kind"]}}""");

    private SchemaPart() {}

    static List<Figure> run(Subject subject, Tokenizer tokenizer, int runs) {
        int size = subject.config().vocabSize();
        EngineSettings settings = EngineSettings.of(PROMPT + TOKENS, 1);
        List<int[]> texts = new ArrayList<>();
        double[] without = new double[runs];
        double[] with = new double[runs];
        try (GenerationEngine engine = new GenerationEngine(subject.decoder(), tokenizer, Set.of(), settings)) {
            for (int run = -1; run < runs; run++) {
                GenerationRequest free = GenerationRequest.greedy(subject.ids(PROMPT, run), TOKENS)
                        .with(Sampling.of(1, run));
                double plain = step(engine, free, new ArrayList<>());
                double kept = step(engine, free.with(SCHEMA), texts);
                if (run >= 0) {
                    without[run] = plain;
                    with[run] = kept;
                }
            }
        }
        double[] made = new double[runs];
        double[] first = new double[runs];
        double[] again = new double[runs];
        double[] longest = new double[runs];
        for (int run = 0; run < runs; run++) {
            long start = System.nanoTime();
            Grammar grammar = TokenVocabulary.of(tokenizer, size).grammar(SCHEMA);
            made[run] = seconds(start);
            first[run] = mean(masks(grammar, texts.getFirst()));
            texts.forEach(text -> masks(grammar, text));
            double[] seconds = masks(grammar, texts.get(run + 1));
            again[run] = mean(seconds);
            longest[run] = Arrays.stream(seconds).max().orElseThrow();
        }
        Spread step = Spread.of(without);
        Spread warm = Spread.of(again);
        String tokens = " of " + tokenizer.vocabSize() + " tokens";
        return List.of(
                Figure.of(
                        PART,
                        "vocabulary" + tokens + ", grammar",
                        "ms",
                        Spread.of(made).times(1e3)),
                mask("mask, first text", Spread.of(first), step),
                mask("mask, later texts", warm, step),
                mask("mask, later texts, longest", Spread.of(longest), step),
                Figure.of(
                                PART,
                                "batch 1 with a schema",
                                "tok/s",
                                Spread.of(with).per(1))
                        .compared(Spread.of(with).median() / step.median(), "step without"));
    }

    private static Figure mask(String name, Spread seconds, Spread step) {
        return Figure.of(PART, name, "µs", seconds.times(1e6)).compared(seconds.median() / step.median(), "step");
    }

    /** Median seconds of a step of the request, whose tokens are added to the texts. */
    private static double step(GenerationEngine engine, GenerationRequest request, List<int[]> texts) {
        StepTimes times = new StepTimes();
        texts.add(engine.submit(request, times).join().ids());
        return times.medianStep();
    }

    /** Seconds for the mask of each token. */
    private static double[] masks(Grammar grammar, int[] text) {
        Matcher matcher = grammar.matcher(Set.of());
        double[] seconds = new double[text.length];
        for (int i = 0; i < text.length; i++) {
            long start = System.nanoTime();
            matcher.mask(TOKENS - i);
            seconds[i] = seconds(start);
            matcher.accept(text[i]);
        }
        return seconds;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }
}
