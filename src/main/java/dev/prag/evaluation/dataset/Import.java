package dev.prag.evaluation.dataset;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.evaluation.dataset.PublishedQuestion.Paragraph;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Makes questions of this program, and documents of the paragraphs that come with them, of a published data set. */
public final class Import {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final DataSet set;
    private final Sample.Kind kind;
    private final String type;
    private final int most;
    private final Set<String> written = new HashSet<>();

    /**
     * @param sample paper, total or all
     * @param type the only type that is taken; null for all
     * @param most how many questions are taken of each type, or of the set; null for as many as the paper takes, and
     *     for all where the sample is all
     * @throws UserException if the sample is none, or less than one question is wanted
     */
    public Import(DataSet set, String sample, String type, Integer most) {
        this.set = set;
        this.kind = Sample.Kind.of(sample);
        this.type = type;
        if (most != null && most < 1) {
            throw new UserException("--limit is " + most + "; take at least one question");
        }
        if (most != null && kind == Sample.Kind.ALL) {
            throw new UserException(
                    "--limit goes with the samples paper and total, and the sample is all; leave one of" + " them out");
        }
        this.most = most == null ? Sample.PAPER : most;
    }

    /**
     * What was written.
     *
     * @param types questions by type
     * @param passages documents that were written
     * @param notes what is to be known of it, in sentences
     */
    public record Imported(Map<String, Integer> types, int passages, List<String> notes) {
        public int questions() {
            return types.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    /**
     * Reads the files of the set.
     *
     * @param place the folder that they are in, or the file of the questions
     * @param out file of questions, as JSON lines, that is made or replaced when all is read
     * @param passages file of documents, likewise; null for none
     * @throws UserException naming the file, the row and what is wrong with it; nothing is written then
     */
    public Imported read(Path place, Path out, Path passages) {
        if (passages != null && !set.hasPassages()) {
            throw new UserException("passages: " + set.label()
                    + " brings no passages with its questions; leave --passages out, and ingest others");
        }
        Path file = set.file(place);
        List<String> notes = new ArrayList<>();
        Map<String, List<String>> names = names(file, notes);
        Map<String, Integer> types = new TreeMap<>();
        Sample sample = sample();
        try (LinesFile questions = LinesFile.open(out, "out", file);
                LinesFile documents = passages == null ? null : LinesFile.open(passages, "passages", file)) {
            int unanswered = set.rows().read(file, question -> {
                if (sample.takes(question)) {
                    questions.add(line(question, names));
                    types.merge(question.type(), 1, Integer::sum);
                    if (documents != null) {
                        question.context().forEach(paragraph -> add(documents, paragraph));
                    }
                }
                return !sample.isFull();
            });
            requireSome(file, types, sample);
            if (unanswered > 0) {
                notes.add(unanswered + " questions have no answer in the file and are left out");
            }
            questions.finish();
            if (documents != null) {
                documents.finish();
            }
        }
        return new Imported(types, written.size(), notes);
    }

    private Sample sample() {
        return new Sample(kind, set.isSampledByType(), type, most);
    }

    private void requireSome(Path file, Map<String, Integer> types, Sample sample) {
        if (!types.isEmpty()) {
            return;
        }
        throw new UserException(
                sample.types().isEmpty()
                        ? file + " holds no question; take the file as it is published"
                        : "type \"" + type + "\" has no question in " + file + "; its types are "
                                + String.join(", ", sample.types()));
    }

    /** Other names of the answers of the sample. */
    private Map<String, List<String>> names(Path file, List<String> notes) {
        if (set != DataSet.TWO_WIKI) {
            return Map.of();
        }
        Set<String> wanted = new HashSet<>();
        Sample sample = sample();
        set.rows().read(file, question -> {
            if (sample.takes(question) && question.answerId() != null) {
                wanted.add(question.answerId());
            }
            return !sample.isFull();
        });
        Path names = file.toAbsolutePath().resolveSibling(AnswerNames.FILE);
        if (!Files.isRegularFile(names)) {
            notes.add("the answers have no other names that count as right, as there is no " + AnswerNames.FILE
                    + " beside " + file);
            return Map.of();
        }
        return AnswerNames.read(names, wanted);
    }

    private static ObjectNode line(PublishedQuestion question, Map<String, List<String>> names) {
        ObjectNode line = JSON.createObjectNode();
        line.put("id", question.id());
        line.put("question", question.question());
        line.put("answer", question.answer());
        List<String> aliases = new ArrayList<>(question.aliases());
        if (question.answerId() != null) {
            aliases.addAll(names.getOrDefault(question.answerId(), List.of()));
        }
        ArrayNode others = line.putArray("aliases");
        aliases.stream()
                .distinct()
                .filter(alias -> !alias.equals(question.answer()))
                .forEach(others::add);
        line.put("type", question.type());
        if (!question.gold().isEmpty()) {
            line.set("gold", JSON.valueToTree(question.gold()));
        }
        return line;
    }

    /** A paragraph is a document once, in whichever questions it stands. */
    private void add(LinesFile documents, Paragraph paragraph) {
        String id = set.label() + "-"
                + Hashes.builder()
                        .add(paragraph.title())
                        .add(paragraph.text())
                        .hex()
                        .substring(0, 16);
        if (written.add(id)) {
            ObjectNode document = JSON.createObjectNode();
            document.put("id", id).put("title", paragraph.title()).put("text", paragraph.text());
            documents.add(document);
        }
    }
}
