package dev.prag.evaluation.dataset;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The data sets that are read. */
public enum DataSet {
    /** 2WikiMultihopQA, with the names of answers in {@link AnswerNames#FILE}. */
    TWO_WIKI("2wiki", List.of("dev.json"), true, new JsonRows(new MultiHop(" ")::question)),
    /** HotpotQA's distractor setting; its sentences begin with the space that parts them. */
    HOTPOT_QA("hotpotqa", List.of("hotpot_dev_distractor_v1.json"), true, new JsonRows(new MultiHop("")::question)),
    POP_QA("popqa", List.of("popQA.tsv", "test.tsv"), false, new PopQa()),
    CWQ("cwq", List.of("ComplexWebQuestions_dev.json"), false, new JsonRows(ComplexWeb::question));

    private final String label;
    private final List<String> files;
    private final boolean sampledByType;
    private final Rows rows;

    DataSet(String label, List<String> files, boolean sampledByType, Rows rows) {
        this.label = label;
        this.files = files;
        this.sampledByType = sampledByType;
        this.rows = rows;
    }

    /** @throws UserException naming those there are */
    public static DataSet of(String name) {
        return Arrays.stream(values())
                .filter(set -> set.label.equals(name))
                .findFirst()
                .orElseThrow(() -> new UserException("data set \"" + name + "\" is not known; choose one of "
                        + Arrays.stream(values()).map(DataSet::label).collect(Collectors.joining(", "))));
    }

    public String label() {
        return label;
    }

    /** Whether the paper draws its questions from each type by itself. */
    public boolean isSampledByType() {
        return sampledByType;
    }

    /** Whether its questions come with paragraphs. */
    public boolean hasPassages() {
        return sampledByType;
    }

    Rows rows() {
        return rows;
    }

    /**
     * The file that holds its questions.
     *
     * @param place the file, or the folder that it is in
     */
    public Path file(Path place) {
        if (Files.isRegularFile(place)) {
            return place;
        }
        if (!Files.isDirectory(place)) {
            throw new UserException(
                    Kind.NOT_FOUND, place + " does not exist; name the folder with the files of " + label);
        }
        for (String name : files) {
            if (Files.isRegularFile(place.resolve(name))) {
                return place.resolve(name);
            }
        }
        List<Path> others = others(place);
        if (others.size() == 1) {
            return others.getFirst();
        }
        throw new UserException(
                Kind.NOT_FOUND,
                "folder " + place + " holds no " + String.join(" or ", files)
                        + (others.isEmpty()
                                ? "; name the folder that does"
                                : ", but "
                                        + others.stream()
                                                .map(path -> path.getFileName().toString())
                                                .collect(Collectors.joining(", "))
                                        + "; name the file"));
    }

    private List<Path> others(Path folder) {
        String name = files.getFirst();
        String ending = name.substring(name.lastIndexOf('.'));
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> path.getFileName().toString().endsWith(ending))
                    .filter(path -> !path.getFileName().toString().equals(AnswerNames.FILE))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserException(
                    Kind.ENVIRONMENT, "folder " + folder + " can't be read: " + IoReason.of(e) + "; check it", e);
        }
    }
}
