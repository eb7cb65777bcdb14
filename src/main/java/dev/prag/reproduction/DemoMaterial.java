package dev.prag.reproduction;

import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import dev.prag.evaluation.Question;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The small encyclopedia of the demo and its questions, sampled as the paper samples: the first of each type, and the
 * first of all. To warm up there are the questions of the large one that aren't asked.
 */
final class DemoMaterial implements Material {
    static final String SET = "demo";
    /** So that all twins together take minutes. */
    private static final int QUESTIONS_OF_TYPE = 20;

    private static final int QUESTIONS_IN_ALL = 60;
    private static final int QUESTIONS_TIMED = 24;

    private final Settings settings;
    private final Path small;
    private final Path large;
    private final Map<Path, String> files = new LinkedHashMap<>();
    private final List<Asked> asked = new ArrayList<>();
    private final Set<String> hashes = new HashSet<>();

    DemoMaterial(Settings settings) {
        this.settings = settings;
        small = settings.demo().resolve("small");
        large = settings.demo().resolve("large");
        if (!Files.isDirectory(small)) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "the demo's encyclopedia is not at " + small
                            + "; set prag.demo to the folder that holds it, or give --data");
        }
        Integer limit = settings.limit();
        List<String> lines = lines(small);
        lines.forEach(line -> hashes.add(hash(line)));
        Map<String, Integer> taken = new HashMap<>();
        List<String> byType = lines.stream()
                .filter(line ->
                        taken.merge(Question.parse(line, small.toString()).type(), 1, Integer::sum)
                                <= (limit == null ? QUESTIONS_OF_TYPE : limit))
                .toList();
        add(Asked.TYPES, byType);
        add(
                Asked.TOTAL,
                lines.stream().limit(limit == null ? QUESTIONS_IN_ALL : limit).toList());
    }

    private static List<String> lines(Path encyclopedia) {
        Path file = encyclopedia.resolve("questions.jsonl");
        return Utf8.read(file, "questions: " + file)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    private String hash(String line) {
        return Question.parse(line, settings.demo().toString()).hash();
    }

    private void add(String sample, List<String> lines) {
        Path file = questions(SET + "-" + sample);
        write(file, lines);
        asked.add(new Asked(SET, sample, file, List.of(file), List.of()));
    }

    private Path questions(String name) {
        return settings.out().resolve("questions").resolve(name + ".jsonl");
    }

    private void write(Path file, List<String> lines) {
        files.put(file, lines.stream().map(line -> line + "\n").collect(Collectors.joining()));
    }

    @Override
    public List<Asked> asked() {
        return asked;
    }

    @Override
    public Optional<Run> ingest() {
        Path passages = small.resolve("passages.jsonl");
        return Optional.of(new Run(
                "ingest",
                Run.Kind.INGEST,
                List.of(
                        "ingest",
                        "--home",
                        settings.home().toString(),
                        "--model",
                        settings.models().getFirst().place().toString(),
                        passages.toString()),
                List.of(passages),
                List.of(),
                List.of()));
    }

    /** It is so small that all of it is encoded. */
    @Override
    public List<String> chosen(Asked asked, int topK) {
        return List.of();
    }

    @Override
    public Optional<Training> training(String set, int most) {
        Path file = questions(SET + "-train");
        write(
                file,
                lines(large).stream()
                        .filter(line -> !hashes.contains(hash(line)))
                        .limit(most)
                        .toList());
        return Optional.of(new Training(
                SET, file, List.of(large.resolve("questions.jsonl"), small.resolve("questions.jsonl")), List.of()));
    }

    @Override
    public List<String> timed() {
        return List.of(SET);
    }

    @Override
    public int timedQuestions() {
        return settings.limit() == null ? QUESTIONS_TIMED : settings.limit();
    }

    @Override
    public Map<Path, String> files() {
        return files;
    }

    @Override
    public List<String> notes() {
        return List.of("Questions and passages are those of the demo's made-up encyclopedia, not of the paper's sets.");
    }
}
