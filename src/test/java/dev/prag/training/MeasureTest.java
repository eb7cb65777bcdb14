package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.llm.Decoder;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Adapter;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What adapters are measured by, against scoring the same texts one by one. */
class MeasureTest {
    private static final ReferenceModel MODEL = ReferenceModel.LLAMA_3_2;
    private static final int[] NEUTRAL = Runs.range(30, 50);
    private static final List<Sample> QUESTIONS =
            List.of(new Sample(Runs.range(5, 25), 12), new Sample(Runs.range(60, 75), 10));

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void lossesAreThoseOfTheAnswersAlone(TestDevice where) {
        lossesAreThoseOfTheAnswersAlone(where, Scope.PROMPT);
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void lossesAreThoseOfTheAnswersAloneBehindPromptsOfTheBaseModel(TestDevice where) {
        lossesAreThoseOfTheAnswersAlone(where, Scope.ANSWER);
    }

    private static void lossesAreThoseOfTheAnswersAlone(TestDevice where, Scope scope) {
        Adapter one = MODEL.adapter("0");
        Adapter two = MODEL.adapter("1");
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 64)) {
            List<Measure> measures = trainer.measure(
                    List.of(new Probe(one, two, QUESTIONS), new Probe(two, null, QUESTIONS.subList(0, 1))), scope);
            Measure first = measures.getFirst();
            assertEquals(answers(decoder, one, QUESTIONS, scope), first.own(), 1e-4);
            assertEquals(answers(decoder, two, QUESTIONS, scope), first.other(), 1e-4);
            assertEquals(answers(decoder, null, QUESTIONS, scope), first.none(), 1e-4);
            assertEquals(first.other() - first.own(), first.gain(), 0);
            Measure second = measures.get(1);
            assertNull(second.other());
            assertEquals(second.none() - second.own(), second.gain(), 0);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void harmIsByHowMuchTextsAreLessLikely(TestDevice where) {
        List<Adapter> adapters = List.of(MODEL.adapter("0"), MODEL.adapter("1"));
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 64)) {
            double[] whole = trainer.harm(adapters, List.of(new Sample(NEUTRAL, 0)), Scope.PROMPT);
            double[] behind = trainer.harm(adapters, QUESTIONS, Scope.ANSWER);
            for (int i = 0; i < adapters.size(); i++) {
                Adapter adapter = adapters.get(i);
                double more = Scored.loss(decoder, adapter, NEUTRAL, 1, 0) - Scored.loss(decoder, null, NEUTRAL, 1, 0);
                assertEquals(more / (NEUTRAL.length - 1), whole[i], 2e-5);
                assertTrue(Math.abs(whole[i]) > 1e-4, Arrays.toString(whole));
                double harm = answers(decoder, adapter, QUESTIONS, Scope.ANSWER)
                        - answers(decoder, null, QUESTIONS, Scope.ANSWER);
                assertEquals(harm, behind[i], 2e-4);
                assertTrue(Math.abs(harm) > 1e-3, Arrays.toString(behind));
            }
        }
    }

    private static double answers(Decoder decoder, Adapter adapter, List<Sample> samples, Scope scope) {
        double sum = 0;
        int tokens = 0;
        for (Sample sample : samples) {
            int from = sample.answerFrom();
            sum += Scored.loss(decoder, adapter, sample.ids(), from, scope.from(from));
            tokens += sample.answerTokens();
        }
        return sum / tokens;
    }
}
