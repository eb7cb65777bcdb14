package dev.prag.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.Answer;
import dev.prag.answering.WithoutAdapter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static Report report() {
        Report report = new Report(3);
        report.add("parametric", "compose", new Score(1, 1, 1, 1), 0.5);
        report.add("parametric", "single", new Score(0, 0.5, 0.75, 0.25), 1.5);
        report.add("parametric", "single", Score.ZERO, 1);
        report.add("closed-book", "compose", Score.ZERO, 0.25);
        report.addPassages(
                "parametric",
                List.of(used(1.0, null), used(null, WithoutAdapter.FULL), used(null, WithoutAdapter.PENDING)));
        report.addPassages("in-context", List.of(used(null, null)));
        report.addRetrieval(true, true);
        report.addRetrieval(true, false);
        report.addRetrieval(false, false);
        report.addRetrieval(true, true);
        return report;
    }

    private static Answer.Used used(Double weight, WithoutAdapter why) {
        Answer.Through through = weight == null ? Answer.Through.PROMPT : Answer.Through.ADAPTER;
        return new Answer.Used("id", "Title", "Text.", null, weight, 1, through, why);
    }

    private static void withoutIntervals(JsonNode node) {
        if (node instanceof ObjectNode fields) {
            fields.remove("f1_95");
        }
        node.forEach(ReportTest::withoutIntervals);
    }

    @Test
    void json() throws JsonProcessingException {
        String expected = "{\"methods\":{\"parametric\":{"
                + "\"total\":{\"n\":3,\"em\":0.3333333333333333,\"f1\":0.5,\"precision\":0.5833333333333334,"
                + "\"recall\":0.4166666666666667,\"seconds\":1.0},"
                + "\"compose\":{\"n\":1,\"em\":1.0,\"f1\":1.0,\"precision\":1.0,\"recall\":1.0,\"seconds\":0.5},"
                + "\"single\":{\"n\":2,\"em\":0.0,\"f1\":0.25,\"precision\":0.375,\"recall\":0.125,\"seconds\":1.25}},"
                + "\"closed-book\":{"
                + "\"total\":{\"n\":1,\"em\":0.0,\"f1\":0.0,\"precision\":0.0,\"recall\":0.0,\"seconds\":0.25},"
                + "\"compose\":{\"n\":1,\"em\":0.0,\"f1\":0.0,\"precision\":0.0,\"recall\":0.0,\"seconds\":0.25}}},"
                + "\"adapters\":{\"parametric\":{\"passages\":3,\"without_adapter\":2,"
                + "\"reasons\":{\"pending\":1,\"full\":1}}},"
                + "\"compositions\":{},"
                + "\"retrieval\":{\"n\":4,\"top_k\":3,\"hit_rate\":0.75,\"all_gold_rate\":0.5}}";
        JsonNode json = report().toJson();
        assertEquals(2, json.at("/methods/parametric/total/f1_95").size());
        withoutIntervals(json);
        assertEquals(JsonMapper.builder().build().readTree(expected), json);
    }

    /** Each question was answered by both: the differences vary less than the scores do. */
    @Test
    void rowsAreHeldAgainstPlainRagQuestionByQuestion() {
        Report report = new Report(3);
        for (int i = 0; i < 40; i++) {
            double f1 = i % 4 == 0 ? 0 : 0.75;
            report.add("in-context", "single", new Score(0, f1, f1, f1), 1);
            report.add("combined:strength=0.25", "single", new Score(0, f1 + 0.2, f1, f1), 1);
        }
        JsonNode json = report.toJson();
        JsonNode difference = json.at("/against_in-context").get("combined:strength=0.25");
        assertEquals(0.2, difference.get("f1").asDouble(), 1e-9);
        assertEquals(0.2, difference.get("f1_95").get(0).asDouble(), 1e-9);
        assertEquals(0.2, difference.get("f1_95").get(1).asDouble(), 1e-9);
        JsonNode own = json.at("/methods").get("combined:strength=0.25").at("/total/f1_95");
        assertTrue(own.get(1).asDouble() - own.get(0).asDouble() > 0.1, own::toString);
        assertTrue(report.toTable().contains("F1 - in-context"), report::toTable);
        assertTrue(report.toTable().contains("+0.200..+0.200"), report::toTable);
    }

    @Test
    void whatCompositionsDoHasATableOfItsOwn() {
        Report report = new Report(3);
        report.add("parametric", "single", Score.ZERO, 1);
        assertTrue(!report.toTable().contains("nats a token"), report::toTable);
        report.probes("parametric").add(-0.25, 1.5);
        report.probes("parametric").add(-0.05, 0.5);
        report.probes("parametric").addOwn(2);
        String[] lines = report.toTable().split("\\R");
        assertTrue(lines[2].matches("nats a token +neutral +worst +answer +95% +own-wrong"), lines[2]);
        assertTrue(
                lines[3].matches("parametric +-0\\.150 +-0\\.250 +\\+1\\.000 +\\+0\\.500\\.\\.\\+1\\.500 +\\+2\\.000"),
                lines[3]);
        JsonNode json = report.toJson().at("/compositions/parametric");
        assertEquals(-0.15, json.get("locality").asDouble(), 1e-9);
        assertEquals(1, json.get("own_against_wrong_n").asInt());
    }

    @Test
    void aTypeThatIsCalledTotalIsInTheTotalOnly() {
        Report report = new Report(1);
        report.add("parametric", "total", new Score(1, 1, 1, 1), 1);
        report.add("parametric", "other", Score.ZERO, 1);
        assertEquals(2, report.of("parametric").get("total").n());
        assertEquals(2, report.toJson().at("/methods/parametric").size());
    }

    @Test
    void whereAllAdaptersAreThereTheTableHasNoWordOfIt() {
        Report report = new Report(1);
        report.add("parametric", "single", Score.ZERO, 1);
        report.addPassages("parametric", List.of(used(1.0, null)));
        assertEquals(2, report.toTable().split("\\R").length, report.toTable());
        assertEquals(
                0, report.toJson().at("/adapters/parametric/without_adapter").asInt(-1));
        report.addPassages("combined", List.of(used(null, WithoutAdapter.MISSING)));
        assertTrue(report.toTable().contains("combined: 1 of 1 passages stood"), report.toTable());
        assertTrue(report.toTable().contains("no more than in-context"), report.toTable());
    }

    @Test
    void table() {
        String[] lines = report().toTable().split("\\R");
        assertEquals(5, lines.length);
        assertTrue(lines[0].matches("F1 +compose \\(1\\) +single \\(2\\) +total +95% +EM +s/question"), lines[0]);
        assertTrue(
                lines[1].matches("parametric +1\\.000 +0\\.250 +0\\.500 +0\\.000\\.\\.1\\.000 +0\\.333 +1\\.000"),
                lines[1]);
        assertTrue(lines[2].matches("closed-book +0\\.000 +0\\.000 +0\\.000\\.\\.0\\.000 +0\\.000 +0\\.250"), lines[2]);
        assertEquals(
                "parametric: 2 of 3 passages stood in the prompt for want of an adapter (1 pending, 1 full)", lines[3]);
        assertTrue(
                lines[4].contains("top 3") && lines[4].contains("75.0% of 4") && lines[4].contains("50.0%"), lines[4]);
    }
}
