package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.answering.words.AttentionQuery;
import dev.prag.answering.words.FlareQuery;
import dev.prag.answering.words.Rind;
import dev.prag.answering.words.Word;
import dev.prag.base.UserException;
import dev.prag.llm.StreamDecoder;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What FLARE and DRAGIN decide by, against values that src/test/python/make_strategies.py computed with transformers. */
@Timeout(120)
class StrategySignalsTest {
    private static final JsonNode REFERENCE = reference();

    private static JsonNode reference() {
        try {
            return JsonMapper.builder()
                    .build()
                    .readTree(Path.of("src/test/resources/reference/strategies.json")
                            .toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<Arguments> everywhere() {
        return IntStream.range(0, REFERENCE.get("models").size())
                .mapToObj(i -> REFERENCE.get("models").get(i))
                .flatMap(model -> Stream.of(TestDevice.values())
                        .map(device -> Arguments.of(model.get("model").asText(), device, model)));
    }

    @ParameterizedTest(name = "{0} on {1}")
    @MethodSource("everywhere")
    void signalsAreThoseOfTheReference(String path, TestDevice device, JsonNode expected) {
        try (TestModel model = new TestModel(Path.of(path), device, DType.F32, 512)) {
            int[] prompt = ints(expected.get("prompt"));
            int[] draft = ints(expected.get("draft"));
            int[] ids =
                    IntStream.concat(IntStream.of(prompt), IntStream.of(draft)).toArray();
            StreamDecoder decoder = model.tokenizer().stream(true);
            List<String> pieces = IntStream.of(draft).mapToObj(decoder::push).toList();
            assertEquals(texts(expected.get("pieces")), pieces);

            double[] probabilities = new double[draft.length];
            try (Scorer scorer = new Scorer(model.decoder)) {
                float[] logprobs = scorer.score(ids, Composition.NONE, 0).logprobs();
                for (int i = 0; i < draft.length; i++) {
                    float logprob = logprobs[prompt.length - 1 + i];
                    assertClose(expected.get("logprobs").get(i).asDouble(), logprob);
                    probabilities[i] = Math.exp(logprob);
                }
            }
            flare(expected.get("flare"), pieces, probabilities);

            try (AttentionReader reader = new AttentionReader(model.decoder)) {
                dragin(expected, pieces, prompt.length, reader.read(ids, prompt.length, Composition.NONE, 0));
            }
        }
    }

    private static void flare(JsonNode expected, List<String> pieces, double[] probabilities) {
        assertEquals(
                expected.get("doubtful").asInt(),
                FlareQuery.doubtful(probabilities, expected.get("theta").asDouble()));
        assertEquals(-1, FlareQuery.doubtful(probabilities, 0));
        assertEquals(
                expected.get("query").asText(),
                FlareQuery.masked(pieces, probabilities, expected.get("beta").asDouble()));
        assertEquals("", FlareQuery.masked(pieces, probabilities, 1));
        assertClose(expected.get("doubt").asDouble(), FlareQuery.doubt(probabilities));
    }

    private static void dragin(JsonNode expected, List<String> pieces, int first, AttentionReader.Reading reading) {
        int tokens = pieces.size();
        double[] entropies = new double[tokens];
        double[] strongest = new double[tokens];
        for (int i = 0; i < tokens; i++) {
            entropies[i] = reading.entropies()[i];
            strongest[i] = reading.strongest(first + i);
            assertClose(expected.get("entropies").get(i).asDouble(), entropies[i]);
            assertClose(expected.get("strongest").get(i).asDouble(), strongest[i]);
        }
        JsonNode rind = expected.get("rind");
        List<Word> words = Word.merge(pieces, first);
        assertEquals(texts(rind.get("words")), words.stream().map(Word::text).toList());
        double[] values = Rind.values(words, entropies, strongest);
        for (int i = 0; i < values.length; i++) {
            assertClose(rind.get("values").get(i).asDouble(), values[i]);
        }
        int trigger = Rind.trigger(values, telling(words), rind.get("theta").asDouble());
        assertEquals(rind.get("trigger").asInt(), trigger);

        int looking = words.get(trigger).from() - 1;
        JsonNode qfs = expected.get("qfs");
        for (int at = 0; at <= looking; at++) {
            assertClose(qfs.get("attention").get(at).asDouble(), reading.mean(looking, at));
        }
        List<Word> before = new ArrayList<>(question(expected));
        before.addAll(words.subList(0, trigger));
        assertEquals(
                qfs.get("query").asText(),
                AttentionQuery.of(
                        before,
                        telling(before),
                        at -> reading.mean(looking, at),
                        qfs.get("most").asInt()));
    }

    /** The question's words with their places in the prompt. */
    private static List<Word> question(JsonNode expected) {
        try (TestModel model = new TestModel(Path.of(expected.get("model").asText()), TestDevice.CPU, DType.F32, 512)) {
            StreamDecoder decoder = model.tokenizer().stream(true);
            List<String> pieces = IntStream.of(ints(expected.get("prompt")))
                    .mapToObj(decoder::push)
                    .toList();
            String question = REFERENCE.get("question").asText();
            int start = String.join("", pieces).lastIndexOf(question);
            return Word.merge(pieces, 0).stream()
                    .filter(word -> word.start() >= start && word.start() < start + question.length())
                    .toList();
        }
    }

    private static boolean[] telling(List<Word> words) {
        Set<String> stops = new HashSet<>(texts(REFERENCE.get("stops")));
        boolean[] telling = new boolean[words.size()];
        for (int i = 0; i < telling.length; i++) {
            String bare = words.get(i).bare();
            telling[i] = !bare.isEmpty() && !stops.contains(bare.toLowerCase(Locale.ROOT));
        }
        return telling;
    }

    @ParameterizedTest
    @MethodSource("devices")
    void readingInPiecesAndUnderACompositionIsReadingAtOnce(TestDevice device) {
        try (TestModel model = TestModel.reference("tiny-llama-3.2", device, DType.F32);
                AttentionReader reader = new AttentionReader(model.decoder)) {
            // A prompt of more than one chunk.
            int[] ids = new Random(7).ints(400, 0, 900).toArray();
            Composition composition = new Composition(List.of(model.term("0", 1)));
            AttentionReader.Reading few = reader.read(ids, 390, composition, 0);
            AttentionReader.Reading many = reader.read(ids, 300, composition, 0);
            AttentionReader.Reading bare = reader.read(ids, 390, Composition.NONE, 0);
            AttentionReader.Reading late = reader.read(ids, 390, composition, 280);
            double apart = 0;
            for (int at = 390; at < 400; at++) {
                assertClose(many.entropies()[at - 300], few.entropies()[at - 390]);
                assertClose(many.strongest(at), few.strongest(at));
                assertClose(many.mean(at, 17), few.mean(at, 17));
                apart += Math.abs(bare.entropies()[at - 390] - few.entropies()[at - 390]);
                apart += Math.abs(late.entropies()[at - 390] - few.entropies()[at - 390]);
            }
            assertTrue(apart > 1e-3, "the composition counts, and where it begins: " + apart);
            assertEquals(
                    1,
                    DoubleStream.iterate(0, at -> at + 1)
                            .limit(400)
                            .map(at -> few.mean(399, (int) at))
                            .sum(),
                    1e-5);
            assertThrows(IllegalArgumentException.class, () -> reader.read(ids, 100, composition, 0));
            assertThrows(UserException.class, () -> reader.read(new int[1025], 1000, composition, 0));
        }
    }

    static Stream<TestDevice> devices() {
        return Stream.of(TestDevice.values());
    }

    private static void assertClose(double expected, double actual) {
        assertEquals(expected, actual, 1e-4 * Math.max(1e-2, Math.abs(expected)));
    }

    private static int[] ints(JsonNode list) {
        return IntStream.range(0, list.size()).map(i -> list.get(i).asInt()).toArray();
    }

    private static List<String> texts(JsonNode list) {
        return IntStream.range(0, list.size())
                .mapToObj(i -> list.get(i).asText())
                .toList();
    }
}
