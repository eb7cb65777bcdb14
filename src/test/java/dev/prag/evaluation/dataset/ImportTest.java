package dev.prag.evaluation.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.evaluation.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportTest {
    @TempDir
    Path folder;

    private static String hop(String id, String type, String answerId) {
        return "{\"_id\":\"" + id + "\",\"type\":\"" + type + "\",\"question\":\"Who made " + id
                + "?\",\"answer\":\"Ole\","
                + (answerId == null ? "" : "\"answer_id\":\"" + answerId + "\",")
                + "\"supporting_facts\":[[\"The Bell\",0],[\"Ole\",1],[\"The Bell\",1]],"
                + "\"context\":[[\"The Bell\",[\"It rings.\",\" It is old.\"]],[\"Ole " + id + "\",[\"He casts.\"]]]}";
    }

    private Path write(String name, String... lines) throws IOException {
        return Files.writeString(folder.resolve(name), String.join("\n", lines));
    }

    private List<Question> imported(DataSet set, String sample, String type) {
        Path out = folder.resolve("out.jsonl");
        new Import(set, sample, type, null).read(folder, out, null);
        return Question.read(out, Integer.MAX_VALUE);
    }

    private String refused(DataSet set) {
        UserException e = assertThrows(UserException.class, () -> imported(set, "all", null));
        assertFalse(Files.exists(folder.resolve("out.jsonl")), "nothing is left of what was begun");
        return e.getMessage();
    }

    @Test
    void aLimitIsOfEachTypeOrOfTheSet() throws IOException {
        write(
                "hotpot_dev_distractor_v1.json",
                "[" + hop("a", "bridge", null) + ",",
                hop("b", "bridge", null) + ",",
                hop("c", "comparison", null) + "]");
        Path out = folder.resolve("q.jsonl");
        assertEquals(
                Map.of("bridge", 1, "comparison", 1),
                new Import(DataSet.HOTPOT_QA, "paper", null, 1)
                        .read(folder, out, null)
                        .types());
        assertEquals(
                Map.of("bridge", 2),
                new Import(DataSet.HOTPOT_QA, "total", null, 2)
                        .read(folder, out, null)
                        .types());
        assertTrue(assertThrows(UserException.class, () -> new Import(DataSet.HOTPOT_QA, "paper", null, 0))
                .getMessage()
                .contains("--limit is 0"));
        assertTrue(assertThrows(UserException.class, () -> new Import(DataSet.HOTPOT_QA, "all", null, 5))
                .getMessage()
                .contains("the sample is all"));
    }

    @Test
    void theTwoHopSetsHaveTypesGoldTitlesAndParagraphs() throws IOException {
        write(
                "hotpot_dev_distractor_v1.json",
                "[" + hop("a", "bridge", null) + ",",
                hop("b", "comparison", null) + "]");
        Path out = folder.resolve("q.jsonl");
        Path passages = folder.resolve("p.jsonl");
        Import.Imported imported = new Import(DataSet.HOTPOT_QA, "paper", null, null).read(folder, out, passages);
        assertEquals(Map.of("bridge", 1, "comparison", 1), imported.types());
        Question first = Question.read(out, 10).getFirst();
        assertEquals(new Question("Who made a?", List.of("Ole"), "bridge", List.of("The Bell", "Ole")), first);
        List<String> documents = Files.readAllLines(passages);
        assertEquals(3, documents.size(), "the paragraph that stands in both is written once");
        assertTrue(documents.getFirst().contains("\"title\":\"The Bell\",\"text\":\"It rings. It is old.\""));
    }

    @Test
    void otherNamesOfAnswersCountAsRight() throws IOException {
        write("dev.json", "[" + hop("a", "compositional", "Q7") + "," + hop("b", "comparison", "") + "]");
        write(
                "id_aliases.json",
                "{\"Q_id\":\"Q1\",\"aliases\":[\"no one\"],\"demonyms\":[]}",
                "{\"Q_id\":\"Q7\",\"aliases\":[\"Ole\",\"Old Ole\"],\"demonyms\":[\"Olean\"]}");
        List<Question> questions = imported(DataSet.TWO_WIKI, "all", null);
        assertEquals(List.of("Ole", "Old Ole"), questions.getFirst().answers());
        assertEquals(List.of("Ole"), questions.getLast().answers());
        Files.delete(folder.resolve("id_aliases.json"));
        Import.Imported without =
                new Import(DataSet.TWO_WIKI, "all", null, null).read(folder, folder.resolve("out.jsonl"), null);
        assertTrue(without.notes().getFirst().contains("id_aliases.json"));
        write("id_aliases.json", "{\"Q_id\":\"Q7\",\"aliases\":[]}", "{\"Q_id\":");
        Files.delete(folder.resolve("out.jsonl"));
        assertTrue(refused(DataSet.TWO_WIKI).contains("id_aliases.json line 2 is not JSON"));
    }

    @Test
    void thePaperTakesTheFirstOfEachTypeAndTotalTheFirstOfAll() throws IOException {
        write(
                "dev.json",
                IntStream.range(0, 700)
                        .mapToObj(i -> hop("q" + i, i % 7 == 0 ? "inference" : "comparison", null))
                        .collect(Collectors.joining(",", "[", "]")));
        Map<String, Long> paper = types(imported(DataSet.TWO_WIKI, "paper", null));
        assertEquals(Map.of("inference", 100L, "comparison", 300L), paper);
        assertEquals(Map.of("inference", 43L, "comparison", 257L), types(imported(DataSet.TWO_WIKI, "total", null)));
        assertEquals(700, imported(DataSet.TWO_WIKI, "all", null).size());
        assertEquals(Map.of("inference", 100L), types(imported(DataSet.TWO_WIKI, "all", "inference")));
        assertTrue(assertThrows(UserException.class, () -> imported(DataSet.TWO_WIKI, "all", "bridge"))
                .getMessage()
                .contains("its types are comparison, inference"));
    }

    private static Map<String, Long> types(List<Question> questions) {
        return questions.stream().collect(Collectors.groupingBy(Question::type, Collectors.counting()));
    }

    @Test
    void popQaIsATableWithListsInItsFields() throws IOException {
        String head = "id\tsubj\tprop\tobj\tquestion\tpossible_answers";
        write(
                "popQA.tsv",
                head,
                "7\tOle\toccupation\tfounder\tWhat is Ole's occupation?\t\"[\"\"founder\"\", \"\"bell \\u0041 caster\"\"]\"",
                "8\tOle\tplace of birth\tTorsby\tWhere?\t[\"Torsby\"]");
        List<Question> questions = imported(DataSet.POP_QA, "paper", null);
        assertEquals(List.of("founder", "bell A caster"), questions.getFirst().answers());
        assertEquals("place of birth", questions.getLast().type());
        Files.delete(folder.resolve("out.jsonl"));
        write("popQA.tsv", head, "7\tOle\toccupation\tfounder\tWhat?\tfounder, caster");
        assertTrue(refused(DataSet.POP_QA).contains("popQA.tsv line 2: possible_answers is not a JSON list"));
        write("popQA.tsv", head, "7\tOle\toccupation");
        assertTrue(refused(DataSet.POP_QA).contains("line 2 has 3 columns where the head has 6"));
        write("popQA.tsv", "id\tquestion", "7\tWhat?");
        assertTrue(refused(DataSet.POP_QA).contains("names no column prop"));
    }

    @Test
    void anyOfTheAnswersOfAComplexWebQuestionIsRight() throws IOException {
        String begin = "{\"ID\":\"W-1\",\"question\":\"Which?\",\"compositionality_type\":\"conjunction\",\"answers\":";
        write(
                "ComplexWebQuestions_dev.json",
                "[" + begin + "[{\"answer\":\"Kirkby\",\"answer_id\":\"m.1\",\"aliases\":[\"Kirk\"]},"
                        + "{\"answer\":\"Torsby\",\"answer_id\":\"m.2\",\"aliases\":[]}]},",
                begin + "[]}]");
        Path out = folder.resolve("out.jsonl");
        Import.Imported imported = new Import(DataSet.CWQ, "total", null, null).read(folder, out, null);
        assertEquals(
                List.of(new Question("Which?", List.of("Kirkby", "Kirk", "Torsby"), "conjunction", List.of())),
                Question.read(out, 10));
        assertTrue(imported.notes().getFirst().startsWith("1 questions have no answer"));
        assertTrue(assertThrows(UserException.class, () -> new Import(DataSet.CWQ, "all", null, null)
                        .read(folder, out, folder.resolve("p.jsonl")))
                .getMessage()
                .contains("brings no passages"));
    }

    @Test
    void whatIsWrongIsNamedByItsRow() throws IOException {
        String name = "hotpot_dev_distractor_v1.json";
        write(name, "[" + hop("a", "bridge", null) + ",", "{\"_id\":\"b\",\"type\":\"bridge\",\"question\":\"Who?\"}]");
        assertTrue(refused(DataSet.HOTPOT_QA).contains("row 2 (line 2) has no field answer, which has to be text"));
        write(name, "[" + hop("a", "bridge", null).replace("[\"The Bell\",[", "[\"The Bell\",[[") + "]");
        assertTrue(refused(DataSet.HOTPOT_QA).contains("row 1"));
        write(name, "[" + hop("a", "bridge", null) + ",");
        assertTrue(refused(DataSet.HOTPOT_QA).contains("cut off"), refused(DataSet.HOTPOT_QA));
        write(name, hop("a", "bridge", null));
        assertTrue(refused(DataSet.HOTPOT_QA).contains("is not a JSON list"));
        write(name, "[]");
        assertTrue(refused(DataSet.HOTPOT_QA).contains("holds no question"));
        Files.delete(folder.resolve(name));
        assertTrue(refused(DataSet.HOTPOT_QA).contains("holds no " + name));
        write("one.json", "[]");
        write("two.json", "[]");
        assertTrue(refused(DataSet.HOTPOT_QA).contains("one.json, two.json; name the file"));
    }
}
