package dev.prag.reproduction;

import dev.prag.base.UserException;
import dev.prag.evaluation.dataset.DataSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The published sets, with DPR's table of passages where it is there, else the paragraphs that come with them. */
final class PublishedMaterial implements Material {
    /** As many as the paper takes. */
    private static final int QUESTIONS = 300;

    private static final String INGEST = "ingest";
    /** The paper's Table 4 has these. */
    private static final List<String> TIMED = List.of(DataSet.TWO_WIKI.label(), DataSet.CWQ.label());

    private final Settings settings;
    private final DataFolder data;
    private final List<Asked> asked = new ArrayList<>();
    private final Map<Path, Run> paragraphs = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final boolean filled;

    PublishedMaterial(Settings settings, DataFolder data) {
        this.settings = settings;
        this.data = data;
        // What these results filled themselves, and perhaps not to the end, is theirs to fill.
        filled = data.table() == null
                && !settings.ownHome()
                && hasIndex(settings.home())
                && !ResultFolder.hasBegun(settings.out(), INGEST);
        boolean brought = data.table() == null && !filled;
        data.sets().forEach((set, place) -> {
            if (brought && !set.hasPassages()) {
                throw new UserException(
                        UserException.Kind.NOT_FOUND,
                        "--data: " + set.label()
                                + " brings no passages with its questions, and psgs_w100.tsv.gz is not in "
                                + settings.data()
                                + "; put DPR's table there, name a --home that has passages, or take the"
                                + " folder " + set.label() + " away");
            }
            if (set.isSampledByType()) {
                add(set, place, Asked.TYPES, "paper", brought);
            }
            add(set, place, Asked.TOTAL, Asked.TOTAL, brought);
        });
        if (brought) {
            notes.add("Passages are the paragraphs that come with the questions of "
                    + String.join(
                            " and ",
                            data.sets().keySet().stream().map(DataSet::label).toList())
                    + ", not the 21 million of the paper's Wikipedia, so the right ones are found more easily.");
        } else if (filled) {
            notes.add("Passages are those that the home had.");
        }
        if (settings.limit() != null && settings.limit() != QUESTIONS) {
            notes.add("Of each type, or of a set, the first " + settings.limit()
                    + " questions are asked; the paper asks " + QUESTIONS + ".");
        }
    }

    private static boolean hasIndex(Path home) {
        Path index = home.resolve("index");
        if (!Files.isDirectory(index)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(index)) {
            return files.anyMatch(Files::isRegularFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(DataSet set, Path place, String sample, String drawn, boolean brought) {
        Path file = questions(set.label() + "-" + sample);
        Path passages = brought ? questions(set.label() + "-" + sample + "-passages") : null;
        Run made = imported(set, place, drawn, settings.limit(), file, passages);
        if (passages != null) {
            paragraphs.put(passages, made);
        }
        asked.add(new Asked(set.label(), sample, file, List.of(), List.of(made)));
    }

    private Path questions(String name) {
        return settings.out().resolve("questions").resolve(name + ".jsonl");
    }

    private static Run imported(DataSet set, Path place, String drawn, Integer limit, Path out, Path passages) {
        List<String> arguments = new ArrayList<>(List.of("dataset", "import", set.label(), place.toString()));
        arguments.addAll(List.of("--sample", drawn, "--out", out.toString()));
        List<Path> outputs = new ArrayList<>(List.of(out));
        if (limit != null) {
            arguments.addAll(List.of("--limit", limit.toString()));
        }
        if (passages != null) {
            arguments.addAll(List.of("--passages", passages.toString()));
            outputs.add(passages);
        }
        Path file = set.file(place);
        Path names = file.resolveSibling("id_aliases.json");
        List<Path> inputs =
                set == DataSet.TWO_WIKI && Files.isRegularFile(names) ? List.of(file, names) : List.of(file);
        String name = "import-" + out.getFileName().toString().replace(".jsonl", "");
        return new Run(name, Run.Kind.IMPORT, arguments, inputs, outputs, List.of());
    }

    @Override
    public List<Asked> asked() {
        return asked;
    }

    @Override
    public Optional<Run> ingest() {
        if (filled) {
            return Optional.empty();
        }
        List<String> arguments = new ArrayList<>(List.of(
                INGEST,
                "--home",
                settings.home().toString(),
                "--model",
                settings.models().getFirst().place().toString()));
        if (data.table() != null) {
            arguments.add(data.table().toString());
            return Optional.of(
                    new Run(INGEST, Run.Kind.INGEST, arguments, List.of(data.table()), List.of(), List.of()));
        }
        paragraphs.keySet().forEach(file -> arguments.add(file.toString()));
        return Optional.of(
                new Run(INGEST, Run.Kind.INGEST, arguments, List.of(), List.of(), List.copyOf(paragraphs.values())));
    }

    @Override
    public List<String> chosen(Asked asked, int topK) {
        return List.of("--for-questions", asked.file().toString(), "--top-k", Integer.toString(topK));
    }

    @Override
    public Optional<Training> training(String set, int most) {
        if (settings.warmUpQuestions() != null) {
            Path file = settings.warmUpQuestions();
            return Optional.of(new Training("given", file, List.of(file), List.of()));
        }
        DataSet of = DataSet.of(set);
        Path file = data.training().get(of);
        if (file == null) {
            return Optional.empty();
        }
        if (DataFolder.isOwn(file)) {
            return Optional.of(new Training(set, file, List.of(file), List.of()));
        }
        Path made = questions(set + "-train");
        return Optional.of(
                new Training(set, made, List.of(), List.of(imported(of, file, Asked.TOTAL, most, made, null))));
    }

    @Override
    public List<String> timed() {
        List<String> there = TIMED.stream()
                .filter(label -> data.sets().containsKey(DataSet.of(label)))
                .toList();
        if (there.isEmpty()) {
            throw new UserException("table4 measures questions of " + String.join(" and ", TIMED)
                    + ", and --data has neither; put one of the folders there, or leave table4 out");
        }
        return there;
    }

    @Override
    public int timedQuestions() {
        return settings.limit() == null ? QUESTIONS : settings.limit();
    }

    @Override
    public Map<Path, String> files() {
        return Map.of();
    }

    @Override
    public List<String> notes() {
        return notes;
    }
}
