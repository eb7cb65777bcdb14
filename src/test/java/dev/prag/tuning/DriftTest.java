package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.prag.corpus.PassageText;
import dev.prag.database.DatabaseResource;
import dev.prag.evaluation.NeutralText;
import dev.prag.generation.Scorer;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.Language;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How much unrelated texts change under compositions. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class DriftTest {
    @Inject
    ModelRuntime runtime;

    @Inject
    Recipes recipes;

    private static Adapter adapter(DecoderShape shape) {
        Random random = new Random(3);
        DecoderShape.Dims dims = shape.dims(Projection.GATE);
        float[] a = new float[dims.in()];
        float[] b = new float[dims.out()];
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < b.length; i++) {
            b[i] = (float) random.nextGaussian() * 0.3f;
        }
        return new Adapter(
                1, 1, false, new TreeMap<>(Map.of(new Adapter.Target(0, Projection.GATE), new Adapter.LowRank(a, b))));
    }

    @Test
    void whatIsInForceInTheAnswerAloneIsMeasuredBehindTheFirstHalf() {
        PassageText passage = new PassageText("a", "a", 0, "Raeclaint", "The film Raeclaint is of 1957.");
        TuningSample sample = new TuningSample(
                List.of(passage),
                List.of(),
                List.of(new HeldOut(0, "Of which year is the film Raeclaint?", "1957", HeldOut.Kind.UNSEEN)));
        Adapter adapter = adapter(runtime.folder().config().decoderShape());
        Composing open = recipes.current().answering().composing("parametric");
        try (Exam exam = new Exam(
                        runtime.languageModel(),
                        runtime.engine(),
                        recipes.current(),
                        runtime.context(),
                        sample,
                        new SampleIndex(List.of(passage), Language.of("en")),
                        () -> false);
                AdapterSlab slab = new AdapterSlab(
                        runtime.languageModel().decoder().device(),
                        runtime.folder().config().decoderShape(),
                        AdapterSlab.footprint(adapter));
                Drift drift = new Drift(runtime.languageModel());
                Scorer scorer = new Scorer(runtime.languageModel().decoder())) {
            AdapterSlab.Slot slot = slab.load(adapter);
            double inAnswer = drift.of(
                    exam, Composing.parse("weights=mean,topK=1,scope=answer").over(open), List.of(slot));
            double throughout = drift.of(
                    exam, Composing.parse("weights=mean,topK=1,scope=prompt").over(open), List.of(slot));

            int[] text =
                    runtime.languageModel().tokenizer().encode(NeutralText.all().getFirst(), true);
            int half = text.length / 2;
            Composition composition = new Composition(List.of(new Composition.Term(slot, 1)));
            float[] base = scorer.score(text, Composition.NONE, 0).logprobs();
            float[] behind = scorer.score(text, composition, half - 1, 0).logprobs();
            double sum = 0;
            for (int i = half; i < text.length; i++) {
                sum += behind[i - 1] - base[i - 1];
            }
            assertNotEquals(0, inAnswer);
            assertEquals(sum / (text.length - half), inAnswer, 1e-6);
            assertNotEquals(inAnswer, throughout);
        }
    }
}
