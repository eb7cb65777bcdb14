package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.prag.access.Principal;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.corpus.AdapterMeasure;
import dev.prag.corpus.AdapterMeasures;
import dev.prag.corpus.AdapterView;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.MeasuredAdapter;
import dev.prag.database.DatabaseResource;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterFormat;
import dev.prag.lora.Scope;
import dev.prag.training.Sample;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What adapters are measured by, and what becomes of those outside a recipe's bounds. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AdapterGateTest extends EncoderSetup {
    /** A learning rate at which unrelated text suffers. */
    private static final float HARSH = 0.02f;

    @Test
    void everyAdapterIsMeasured() throws IOException {
        ingestDemo(3);
        assertEquals(
                3, encoder(new Scripted(), store).run(3, EncodingListener.NONE).trained());
        String recipe = own.current().hash();
        List<MeasuredAdapter> worst = measures.worst(runtime.modelId(), recipe, 10);
        assertEquals(3, worst.size());
        for (MeasuredAdapter adapter : worst) {
            AdapterMeasure measure = adapter.measure();
            assertEquals(EncodingState.READY, adapter.state());
            assertTrue(measure.own() < measure.none() && measure.other() > 0, measure.toString());
            assertTrue(Math.abs(measure.neutral()) < 2, measure.toString());
            assertEquals(1, measure.trainings());
        }
        assertTrue(worst.get(0).measure().gain() <= worst.get(2).measure().gain());
        assertEquals(worst.subList(0, 1), measures.worst(runtime.modelId(), recipe, 1));
        AdapterMeasures.Distribution gain =
                measures.distribution(runtime.modelId(), recipe, AdapterMeasures.Quantity.GAIN, 4);
        assertEquals(3, gain.count());
        assertEquals(3, Arrays.stream(gain.counts()).sum());
        assertEquals(worst.get(0).measure().gain(), gain.least(), 1e-9);
        assertEquals(worst.get(1).measure().gain(), gain.median(), 1e-9);
        assertEquals(worst.get(2).measure().gain(), gain.most(), 1e-9);
        assertEquals(
                0,
                measures.distribution(runtime.modelId(), "none", AdapterMeasures.Quantity.NEUTRAL, 4)
                        .count());
    }

    @Test
    void anAdapterBelowTheBoundsIsTrainedMoreGentlyAndThenWithheld() throws IOException {
        ingestDemo(2);
        recipeWith(
                "gate",
                JSON.createObjectNode().put("gain", 50).put("neutral", 5).put("retries", 2));
        List<String> stored = new ArrayList<>();
        AdapterStore counting = new Wrapped() {
            @Override
            public String put(String id, byte[] bytes) {
                stored.add(id);
                return store.put(id, bytes);
            }
        };
        EncodingSummary summary = encoder(new Scripted(), counting).run(2, EncodingListener.NONE);
        assertEquals(2, summary.withheld());
        assertEquals(0, summary.trained() + summary.failures());
        assertEquals(List.of(), stored);
        assertEquals(2, counts().withheld());
        assertEquals(0, counts().pending());
        assertEquals(2, counts().passages());
        String recipe = own.current().hash();
        MeasuredAdapter worst = measures.worst(runtime.modelId(), recipe, 1).getFirst();
        assertEquals(EncodingState.WITHHELD, worst.state());
        assertEquals(3, worst.measure().trainings());
        assertEquals(0.003 / 4, worst.measure().learningRate(), 1e-6);
        assertTrue(worst.note().contains("50.0 are asked for"), worst.note());
        assertTrue(worst.note().contains("3 trainings"), worst.note());
        assertEquals(
                Map.of(worst.passageId(), EncodingState.WITHHELD),
                queue.states(runtime.modelId(), recipe, List.of(worst.passageId()), Principal.LOCAL));
        assertEquals(
                0, encoder(new Scripted(), store).run(2, EncodingListener.NONE).withheld(), "it is done");
    }

    @Test
    void whatPassesIsWrittenBeforeOthersAreTrainedAgain() throws IOException {
        ingestDemo(2);
        recipeWith("gate", JSON.createObjectNode().put("gain", -50).put("neutral", 5));
        encoder(new Scripted(), store).run(2, EncodingListener.NONE);
        double between = measures.worst(runtime.modelId(), own.current().hash(), 2).stream()
                .mapToDouble(adapter -> adapter.measure().gain())
                .average()
                .orElseThrow();
        recipeWith(
                "gate",
                JSON.createObjectNode().put("gain", between).put("neutral", 5).put("retries", 1));
        AtomicReference<Double> told = new AtomicReference<>(0.0);
        List<Double> toldAtWriting = new ArrayList<>();
        AdapterStore watched = new Wrapped() {
            @Override
            public String put(String id, byte[] bytes) {
                toldAtWriting.add(told.get());
                return store.put(id, bytes);
            }
        };
        EncodingSummary summary = encoder(new Scripted(), watched).run(2, new EncodingListener() {
            @Override
            public void onProgress(EncodingProgress progress) {
                told.set(progress.fraction());
            }

            @Override
            public void onFailed(PassageFailure failure, boolean givenUp) {}
        });
        assertEquals(1, summary.trained());
        assertEquals(1, summary.withheld());
        assertEquals(1, toldAtWriting.size());
        assertTrue(toldAtWriting.getFirst() < 0.95, "written at " + toldAtWriting);
    }

    @Test
    void aTrainingThatDivergesIsTriedAgainMoreGently() throws IOException {
        ingestDemo(2);
        recipeWith("learningRate", FloatNode.valueOf(1_000_000));
        recipeWith("gate", gate(5).put("retries", 1).put("gentler", 3e-9));
        EncodingSummary summary = encoder(new Scripted(), store).run(2, EncodingListener.NONE);
        assertEquals(2, summary.trained());
        assertEquals(0, summary.failures());
        for (MeasuredAdapter adapter :
                measures.worst(runtime.modelId(), own.current().hash(), 2)) {
            assertEquals(EncodingState.READY, adapter.state());
            assertEquals(2, adapter.measure().trainings());
            assertEquals(0.003, adapter.measure().learningRate(), 1e-6);
        }

        recipeWith("gate", gate(5).put("retries", 1).put("gentler", 0.5));
        assertEquals(
                2, encoder(new Scripted(), store).run(2, EncodingListener.NONE).givenUp());
        String error = failures().getFirst().error();
        assertTrue(error.contains("diverged") && error.contains("smaller learningRate than 500000"), error);
    }

    @Test
    void anAdapterWithinTheBoundsIsWhatItIsWithoutThem() throws IOException {
        ingestDemo(2);
        Map<String, byte[]> free = trainedBytes();
        recipeWith("gate", JSON.createObjectNode().put("gain", -50).put("neutral", 5));
        Map<String, byte[]> bounded = trainedBytes();
        assertEquals(free.keySet(), bounded.keySet());
        free.forEach((title, bytes) -> assertArrayEquals(bytes, bounded.get(title), title));
    }

    /** What the adapters of the recipe hold, as F32, by title. */
    private Map<String, byte[]> trainedBytes() {
        encoder(new Scripted(), store).run(2, EncodingListener.NONE);
        Map<String, byte[]> bytes = new TreeMap<>();
        for (AdapterView view : queue.list(runtime.modelId(), own.current().hash())) {
            Adapter adapter = AdapterCodec.decode(store.get(view.id()).orElseThrow(), view.id())
                    .adapter();
            bytes.put(view.title(), AdapterCodec.encode(adapter, Map.of(), AdapterFormat.F32));
        }
        assertEquals(2, bytes.size());
        return bytes;
    }

    @Test
    void anAdapterThatDisturbsOtherTextIsWeakened() throws IOException {
        ingestDemo(2);
        recipeWith("learningRate", FloatNode.valueOf(HARSH));
        recipeWith("gate", gate(5));
        Map<String, byte[]> free = trainedBytes();
        MeasuredAdapter loudest = loudest();
        double allowed = loudest.measure().neutral() / 2;
        assertTrue(allowed > 0, loudest.toString());

        recipeWith("gate", gate(allowed).put("minStrength", 0.1));
        Map<String, byte[]> bounded = trainedBytes();
        MeasuredAdapter weakened = measures
                .worst(runtime.modelId(), own.current().hash(), 2)
                .stream()
                .filter(adapter -> adapter.passageId().equals(loudest.passageId()))
                .findFirst()
                .orElseThrow();
        AdapterMeasure measure = weakened.measure();
        assertEquals(EncodingState.READY, weakened.state());
        assertEquals(1, measure.trainings());
        assertTrue(measure.strength() >= 0.1 && measure.strength() < 1, measure.toString());
        assertTrue(measure.neutral() <= allowed, measure.toString());
        assertTrue(measure.own() < measure.none(), measure.toString());
        Adapter whole = adapter(free.get(loudest.title()));
        Adapter weak = adapter(bounded.get(loudest.title()));
        whole.updates().forEach((target, update) -> {
            assertArrayEquals(update.a(), weak.updates().get(target).a());
            float[] b = weak.updates().get(target).b();
            for (int i = 0; i < b.length; i++) {
                // Both were rounded to 16 bits.
                assertEquals(update.b()[i] * measure.strength(), b[i], Math.abs(update.b()[i]) * 0.01 + 1e-7);
            }
        });
    }

    @Test
    void anAdapterThatWouldHaveToBeTooWeakIsWithheld() throws IOException {
        ingestDemo(2);
        recipeWith("learningRate", FloatNode.valueOf(HARSH));
        recipeWith("gate", gate(5));
        encoder(new Scripted(), store).run(2, EncodingListener.NONE);
        double allowed = loudest().measure().neutral() / 100;
        recipeWith("gate", gate(allowed).put("minStrength", 0.99));
        EncodingSummary summary = encoder(new Scripted(), store).run(2, EncodingListener.NONE);
        assertTrue(summary.withheld() > 0, summary.toString());
        MeasuredAdapter loudest = loudest();
        assertEquals(1, loudest.measure().strength(), "what is withheld is told of as it was trained");
        assertTrue(loudest.measure().neutral() > allowed);
    }

    @Test
    void whatIsInForceInAnswersIsMeasuredBehindWhatTheBaseModelReads() throws IOException {
        ingestDemo(2);
        recipeWith("lossOn", TextNode.valueOf("answer"));
        recipeWith("scope", TextNode.valueOf("answer"));
        recipeWith("gate", gate(5));
        encoder(new Scripted(), store).run(2, EncodingListener.NONE);
        List<MeasuredAdapter> measured =
                measures.worst(runtime.modelId(), own.current().hash(), 2);
        assertEquals(2, measured.size());
        List<Sample> halves = Neutral.measured(runtime.languageModel(), 4, Scope.ANSWER);
        List<Sample> whole = Neutral.measured(runtime.languageModel(), 4, Scope.PROMPT);
        assertEquals(4, halves.size());
        assertEquals(1, whole.size());
        for (Sample half : halves) {
            assertEquals(half.ids().length / 2, half.answerFrom());
        }
        for (AdapterView view : queue.list(runtime.modelId(), own.current().hash())) {
            Adapter adapter = adapter(store.get(view.id()).orElseThrow());
            double harm = measured.stream()
                    .filter(one -> one.title().equals(view.title()))
                    .findFirst()
                    .orElseThrow()
                    .measure()
                    .neutral();
            // What is stored was rounded to 16 bits.
            assertEquals(harm, runtime.trainer().harm(List.of(adapter), halves, Scope.ANSWER)[0], 5e-3);
            assertTrue(
                    Math.abs(harm - runtime.trainer().harm(List.of(adapter), whole, Scope.PROMPT)[0]) > 0.02,
                    "the measure tells them apart");
        }
    }

    /** A gate that any gain passes, and that trains nothing again. */
    private static ObjectNode gate(double neutral) {
        return JSON.createObjectNode().put("gain", -50).put("neutral", neutral).put("retries", 0);
    }

    private MeasuredAdapter loudest() {
        return measures.worst(runtime.modelId(), own.current().hash(), 2).stream()
                .max(Comparator.comparingDouble(adapter -> adapter.measure().neutral()))
                .orElseThrow();
    }

    private static Adapter adapter(byte[] bytes) {
        return AdapterCodec.decode(bytes, "a test").adapter();
    }
}
