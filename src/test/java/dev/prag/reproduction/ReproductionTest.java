package dev.prag.reproduction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.evaluation.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is run for the twins, with a program that answers nothing but says that it did. */
class ReproductionTest {
    private static final Path DEMO = Path.of("src/main/demo").toAbsolutePath();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    /** Calls that were made, and what the n-th of them ends with, where it fails. */
    private final List<List<String>> calls = new ArrayList<>();

    private final Map<Integer, Integer> failing = new HashMap<>();
    private final List<String> told = new ArrayList<>();

    private Settings settings(Twin twin, Integer limit, Path data, List<String> methods) {
        return settings(twin, limit, data, methods, true);
    }

    /** @param ownHome whether the home is not one that the user named */
    private Settings settings(Twin twin, Integer limit, Path data, List<String> methods, boolean ownHome) {
        return new Settings(
                List.of(twin),
                data,
                List.of(Settings.Named.ofDemo(DEMO)),
                limit,
                null,
                methods,
                List.of(),
                null,
                folder.resolve("out/home"),
                ownHome,
                4,
                folder.resolve("out"),
                DEMO);
    }

    private Settings settings(Twin twin) {
        return settings(twin, 2, null, List.of());
    }

    /** Writes what the real program would, as far as it is looked at. */
    private int program(List<String> arguments, Path out, Path log) throws IOException {
        calls.add(arguments);
        Integer exit = failing.get(calls.size());
        if (exit != null) {
            Files.writeString(log, "prag: the disk is full\n", java.nio.file.StandardOpenOption.APPEND);
            Files.writeString(out, "");
            return exit;
        }
        switch (arguments.getFirst()) {
            case "evaluate" -> Files.writeString(out, result(arguments));
            case "ingest" -> {
                Files.createDirectories(folder.resolve("out/home"));
                Files.writeString(folder.resolve("out/home/home.lock"), "");
                Files.writeString(out, "63 documents\n");
            }
            case "dataset" -> {
                Files.writeString(Path.of(after(arguments, "--out")), "{\"question\":\"Who?\",\"answer\":\"Ole\"}\n");
                if (arguments.contains("--passages")) {
                    Files.writeString(Path.of(after(arguments, "--passages")), "{}\n");
                }
                Files.writeString(out, "1 question\n");
            }
            default -> Files.writeString(out, "Encoded 63 passages\n");
        }
        return 0;
    }

    private static String after(List<String> arguments, String option) {
        return arguments.get(arguments.indexOf(option) + 1);
    }

    private static String result(List<String> arguments) {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode rows = root.putArray("answers");
        for (String method : after(arguments, "--methods").split(",")) {
            ArrayNode questions = rows.addObject().put("row", method).putArray("questions");
            for (Question question : Question.read(Path.of(after(arguments, "--questions")), Integer.MAX_VALUE)) {
                questions
                        .addObject()
                        .put("question", question.question())
                        .put("type", question.type())
                        .put("f1", 0.5)
                        .put("generate", 0.25)
                        .put("total", 0.5);
            }
        }
        return "a line of the log\n" + root + "\n";
    }

    private Map<Twin, List<Series>> made(Settings settings) throws IOException, InterruptedException {
        Fingerprints fingerprints = new Fingerprints(Map.of());
        Map<Twin, List<Series>> made = new HashMap<>();
        Plan plan = new Planner(settings, fingerprints).plan();
        try (ResultFolder results = ResultFolder.open(settings.out())) {
            new Reproduction(settings, fingerprints)
                    .make(plan, results, this::program, (twin, series, notes) -> made.put(twin, series), told::add);
        }
        return made;
    }

    private List<String> verbs() {
        return calls.stream().map(List::getFirst).toList();
    }

    @Test
    void allMethodsAreAskedBothSamplesAfterOneIngestAndOneEncoding() throws IOException, InterruptedException {
        List<Series> series = made(settings(Twin.TABLE1)).get(Twin.TABLE1);
        // Trainings see for themselves what is there: they are called before each evaluation that needs them, once.
        assertEquals(List.of("ingest", "encode", "evaluate", "evaluate"), verbs());
        assertEquals(Planner.METHODS.size() * 2, series.size());
        Series types = series.getFirst();
        assertEquals(List.of("demo", "types", "closed-book"), List.of(types.set(), types.sample(), types.method()));
        assertEquals(10, types.answers().size(), "two of each of five types");
        assertEquals(0.25, types.answers().getFirst().generate());
        assertTrue(Double.isNaN(types.answers().getFirst().compose()), "what isn't known isn't 0");
        assertEquals(told.size(), 2 * calls.size(), "each call is told, and its end");
        assertTrue(told.getFirst().startsWith("$ prag ingest --home "));
    }

    @Test
    void whatWasRunIsNotRunAgainUntilSomethingDecisiveChanges() throws IOException, InterruptedException {
        made(settings(Twin.TABLE1));
        calls.clear();
        Map<Twin, List<Series>> again = made(settings(Twin.TABLE1));
        assertEquals(List.of(), calls);
        assertEquals(20, again.get(Twin.TABLE1).size());

        made(settings(Twin.TABLE1, 3, null, List.of()));
        assertEquals(List.of("encode", "evaluate", "evaluate"), verbs(), "other questions, the same corpus");

        calls.clear();
        Files.delete(folder.resolve("out/home/home.lock"));
        Files.writeString(folder.resolve("out/home/other"), "");
        made(settings(Twin.TABLE1, 4, null, List.of()));
        assertEquals(List.of("ingest", "encode", "evaluate", "evaluate"), verbs(), "another home at the same place");
    }

    @Test
    void aRunThatFailsEndsAllWithItsCodeAndItsLastWordsAndTheSameCallGoesOn() throws IOException, InterruptedException {
        failing.put(3, 75);
        RunFailedException failed = assertThrows(RunFailedException.class, () -> made(settings(Twin.TABLE1)));
        assertEquals(75, failed.exit());
        assertTrue(failed.getMessage().contains("the disk is full"), failed.getMessage());
        assertTrue(failed.getMessage().contains("prag evaluate "), failed.getMessage());
        failing.clear();
        calls.clear();
        made(settings(Twin.TABLE1));
        assertEquals(List.of("encode", "evaluate", "evaluate"), verbs());
    }

    @Test
    void aWarmUpIsTrainedOnOtherQuestionsAndTheWarmRecipeBeginsWithIt() throws IOException, InterruptedException {
        List<Series> series = made(settings(Twin.TABLE2)).get(Twin.TABLE2);
        assertEquals(
                List.of("random", "warm"), series.stream().map(Series::variant).toList());
        assertEquals(List.of("ingest", "encode", "evaluate", "warmup", "encode", "evaluate"), verbs());
        List<String> warmUp = calls.get(3);
        List<String> asked = Question.read(DEMO.resolve("small/questions.jsonl"), Integer.MAX_VALUE).stream()
                .map(Question::hash)
                .toList();
        List<Question> learned = Question.read(Path.of(after(warmUp, "--questions")), Integer.MAX_VALUE);
        assertFalse(learned.isEmpty());
        assertTrue(learned.stream().map(Question::hash).noneMatch(asked::contains));
        assertEquals(
                after(warmUp, "--out"),
                JSON.readTree(Path.of(after(calls.get(4), "--recipe")).toFile())
                        .at("/training/init")
                        .asText());
    }

    @Test
    void augmentersAndAblationsAreRecipesThatDifferInOneThing() throws IOException, InterruptedException {
        List<Series> series = made(settings(Twin.TABLE3)).get(Twin.TABLE3);
        assertEquals(
                List.of("demo", "demo int8"),
                series.stream().map(Series::variant).toList());
        assertEquals(
                "int8",
                JSON.readTree(Path.of(after(calls.get(3), "--recipe")).toFile())
                        .at("/augmentation/weights")
                        .asText());
        calls.clear();
        List<Series> ablations = made(settings(Twin.FIGURE3)).get(Twin.FIGURE3);
        assertEquals(
                List.of("both", "no-pairs", "no-rewrites", "neither"),
                ablations.stream().map(Series::variant).toList());
        // The recipe as it is was asked for table 3 already.
        assertEquals(List.of("encode", "evaluate", "encode", "evaluate", "encode", "evaluate"), verbs());
        List<String> leftOut = new ArrayList<>();
        for (int i = 0; i < calls.size(); i += 2) {
            leftOut.add(JSON.readTree(Path.of(after(calls.get(i), "--recipe")).toFile())
                    .at("/training/leaveOut")
                    .toString());
        }
        assertEquals(List.of("[\"pairs\"]", "[\"rewrites\"]", "[\"rewrites\",\"pairs\"]"), leftOut);
    }

    @Test
    void secondsAreMeasuredOneQuestionAfterTheOtherEachMethodForItself() throws IOException, InterruptedException {
        List<Series> series = made(settings(Twin.TABLE4, 8, null, List.of())).get(Twin.TABLE4);
        assertEquals(5, series.size());
        assertEquals(6, series.getFirst().answers().size(), "the first ones don't count");
        List<List<String>> evaluations = calls.stream()
                .filter(call -> call.getFirst().equals("evaluate"))
                .toList();
        assertEquals(5, evaluations.size());
        assertEquals(
                5,
                evaluations.stream()
                        .map(call -> after(call, "--out"))
                        .distinct()
                        .count());
        assertTrue(evaluations.stream()
                .allMatch(call -> after(call, "--concurrency").equals("1")));
    }

    @Test
    void publishedSetsAreImportedAndTheParagraphsThatComeWithThemServe() throws IOException, InterruptedException {
        Path data = folder.resolve("data");
        Files.createDirectories(data.resolve("hotpotqa"));
        Files.writeString(data.resolve("hotpotqa/hotpot_dev_distractor_v1.json"), "[]");
        Plan plan =
                new Planner(settings(Twin.TABLE1, 2, data, List.of("parametric")), new Fingerprints(Map.of())).plan();
        assertTrue(plan.twins().getFirst().notes().getFirst().contains("paragraphs that come with the questions"));
        made(settings(Twin.TABLE1, 2, data, List.of("parametric")));
        assertEquals(List.of("dataset", "dataset", "ingest", "encode", "evaluate", "encode", "evaluate"), verbs());
        assertEquals("paper", after(calls.get(0), "--sample"));
        assertEquals("total", after(calls.get(1), "--sample"));
        assertTrue(calls.get(3).containsAll(List.of("--for-questions", "--top-k", "3")));

        Files.createDirectories(data.resolve("popqa"));
        Files.writeString(data.resolve("popqa/popQA.tsv"), "");
        String refused = assertThrows(
                        UserException.class, () -> made(settings(Twin.TABLE1, 2, data, List.of("parametric"))))
                .getMessage();
        assertTrue(refused.contains("popqa") && refused.contains("psgs_w100.tsv.gz"), refused);
    }

    @Test
    void aHomeThatTheCallItselfFillsIsNotOneThatHadPassages() throws IOException, InterruptedException {
        Path data = folder.resolve("data");
        Files.createDirectories(data.resolve("hotpotqa"));
        Files.writeString(data.resolve("hotpotqa/hotpot_dev_distractor_v1.json"), "[]");
        Settings named = settings(Twin.TABLE1, 2, data, List.of("parametric"), false);
        failing.put(3, 1);
        assertThrows(RunFailedException.class, () -> made(named));
        // Of an ingest that was broken off.
        Files.createDirectories(folder.resolve("out/home/index"));
        Files.writeString(folder.resolve("out/home/index/segments_1"), "");
        failing.clear();
        calls.clear();
        made(named);
        assertEquals(List.of("ingest", "encode", "evaluate", "encode", "evaluate"), verbs());
        calls.clear();
        made(named);
        assertEquals(List.of(), calls);

        Settings filled = new Settings(
                named.twins(),
                data,
                named.models(),
                2,
                null,
                named.methods(),
                List.of(),
                null,
                named.home(),
                false,
                4,
                folder.resolve("other"),
                DEMO);
        made(filled);
        assertEquals(List.of("dataset", "encode", "evaluate", "dataset", "encode", "evaluate"), verbs());
    }

    @Test
    void nothingIsEncodedForMethodsThatReadPassagesAlone() throws IOException, InterruptedException {
        made(settings(Twin.TABLE1, 2, null, List.of("closed-book", "in-context", "single+prompt", "ircot")));
        assertEquals(List.of("ingest", "evaluate", "evaluate"), verbs());
        calls.clear();
        made(settings(Twin.TABLE1, 2, null, List.of("closed-book", "doc-augmented")));
        assertEquals(List.of("encode", "evaluate", "evaluate"), verbs());
        calls.clear();
        made(settings(Twin.TABLE1, 2, null, List.of("flare+adapters")));
        assertEquals(List.of("encode", "evaluate", "evaluate"), verbs());
    }

    @Test
    void mistakesAreRefusedBeforeAnythingRuns() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Path file = Files.writeString(folder.resolve("file"), "");
        Stream.<Map.Entry<String, Runnable>>of(
                        Map.entry("--limit is 0", () -> settings(Twin.TABLE1, 0, null, List.of())),
                        Map.entry(
                                "holds none of the folders 2wiki",
                                () -> new Planner(
                                        settings(Twin.TABLE1, 1, empty, List.of()), new Fingerprints(Map.of()))),
                        Map.entry(
                                "is no folder",
                                () -> new Planner(
                                        settings(Twin.TABLE1, 1, file, List.of()), new Fingerprints(Map.of()))))
                .forEach(mistake -> {
                    String said = assertThrows(UserException.class, mistake.getValue()::run)
                            .getMessage();
                    assertTrue(said.contains(mistake.getKey()), said);
                });
        assertEquals(List.of(), calls);
    }

    @Test
    void aFolderOfResultsHasOneUser() throws IOException {
        Path out = folder.resolve("out");
        try (ResultFolder first = ResultFolder.open(out)) {
            assertTrue(assertThrows(UserException.class, () -> ResultFolder.open(out))
                    .getMessage()
                    .contains("another prag reproduce works in"));
            assertTrue(Files.isDirectory(first.childNote().getParent()));
        }
        ResultFolder.open(out).close();
    }
}
