package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.prag.llm.Backpropagation;
import dev.prag.llm.Decoder;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.llm.TestDevice;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sequences that begin alike are read after one reading of what they share, and come out as read one by one. */
class TeacherTest {
    private static final ReferenceModel MODEL = ReferenceModel.LLAMA_3_2;
    private static final int KNOWN = 6;

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void togetherIsOneByOne(TestDevice where) {
        // 45 tokens that all share, which is no whole number of blocks; the last answer begins right behind them.
        List<Sample> sequences =
                List.of(sequence(7, 50), sequence(11, 48), sequence(3, 49), sequence(20, 52), sequence(1, 46));
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 64, 1 << 28)) {
            Teacher teacher = new Teacher(decoder, backpropagation, 64, KNOWN, () -> false);
            List<Foresight> together = teacher.read(sequences);
            assertEquals(sequences.size(), together.size());
            for (int i = 0; i < together.size(); i++) {
                same(teacher.read(List.of(sequences.get(i))).getFirst(), together.get(i));
            }
        }
    }

    @Test
    void itStopsBetweenBatches() {
        List<Sample> sequences = List.of(sequence(7, 50), sequence(11, 48), sequence(3, 49));
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 64, 1 << 28)) {
            int[] asked = new int[1];
            // Ten tokens of each aren't shared: one goes into a batch.
            Teacher teacher = new Teacher(decoder, backpropagation, 16, KNOWN, () -> ++asked[0] > 1);
            assertThrows(CancellationException.class, () -> teacher.read(sequences));
            assertEquals(2, asked[0]);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void whatIsAskedAboutIsNotShared(TestDevice where) {
        // All tokens are the same, and those from the 33rd on are asked about.
        Sample sequence = new Sample(Runs.range(5, 50), 32);
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 64, 1 << 28)) {
            Teacher teacher = new Teacher(decoder, backpropagation, 64, KNOWN, () -> false);
            Foresight alone = teacher.read(List.of(sequence)).getFirst();
            assertEquals(13, alone.tokens());
            for (Foresight foresight : teacher.read(List.of(sequence, sequence))) {
                same(alone, foresight);
            }
        }
    }

    /** A passage, then a few tokens of its own, of which those from {@code answerFrom} on are the answer. */
    private static Sample sequence(int own, int answerFrom) {
        int[] passage = Runs.range(5, 50);
        return new Sample(
                IntStream.concat(IntStream.of(passage), IntStream.range(100 + own, 110 + own))
                        .toArray(),
                answerFrom);
    }

    private static void same(Foresight expected, Foresight actual) {
        assertEquals(expected.tokens(), actual.tokens());
        for (int token = 0; token < expected.tokens(); token++) {
            Map<Integer, Float> probabilities = of(expected, token);
            Map<Integer, Float> others = of(actual, token);
            assertEquals(probabilities.keySet(), others.keySet());
            probabilities.forEach((id, probability) -> assertEquals(probability, others.get(id), 1e-5f));
        }
    }

    private static Map<Integer, Float> of(Foresight foresight, int token) {
        Map<Integer, Float> probabilities = new TreeMap<>();
        for (int i = token * foresight.known(); i < (token + 1) * foresight.known(); i++) {
            probabilities.put(foresight.ids()[i], foresight.probabilities()[i]);
        }
        return probabilities;
    }
}
