package dev.prag.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.WithoutAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static Report report() {
        Report report = new Report(3);
        report.add(
                "parametric",
                "compose",
                new Outcome(
                        new Score(1, 1, 1, 1),
                        true,
                        1.0,
                        1,
                        30,
                        4,
                        new Seconds(0.125, 0.0625, 0.25, 0.5),
                        Math.log(0.5),
                        Arrays.asList(null, WithoutAdapter.FULL, WithoutAdapter.PENDING)));
        report.add("parametric", "single", outcome(new Score(0, 0.5, 0.75, 0.25), 1.5));
        report.add("parametric", "single", outcome(Score.ZERO, 1));
        report.add("closed-book", "compose", outcome(Score.ZERO, 0.25));
        report.retrieval().add(true, 1);
        report.retrieval().add(true, 0.5);
        report.retrieval().add(true, 0);
        report.retrieval().add(true, 1);
        report.retrieval().add(false, 1);
        return report;
    }

    private static Outcome outcome(Score score, double seconds, WithoutAdapter... adapters) {
        return new Outcome(
                score, false, null, 0, 10, 2, new Seconds(null, null, null, seconds), null, Arrays.asList(adapters));
    }

    private static void withoutIntervals(JsonNode node) {
        if (node instanceof ObjectNode fields) {
            fields.remove("f1_95");
        }
        node.forEach(ReportTest::withoutIntervals);
    }

    @Test
    void json() throws JsonProcessingException {
        String expected =
                "{\"methods\":{\"parametric\":{\"total\":{\"n\":3,\"em\":0.3333333333333333,\"f1\":0.5,\"precision\":0.5833333"
                        + "333333334,\"recall\":0.4166666666666667,\"answer_presence\":0.3333333333333333,\"retrieval_recall\":1"
                        + ".0,\"rounds\":0.3333333333333333,\"prompt_tokens\":16.666666666666668,\"tokens\":2.6666666666666665,\""
                        + "confidence\":0.5,\"calibration_error\":0.5,\"seconds\":1.0,\"seconds_p50\":1.0,\"seconds_p99\":1.49},\"compose\":{\"n\":1,\"em\":1.0,\"f1\":1.0,\"prec"
                        + "ision\":1.0,\"recall\":1.0,\"answer_presence\":1.0,\"retrieval_recall\":1.0,\"rounds\":1.0,\"prompt_token"
                        + "s\":30.0,\"tokens\":4.0,\"confidence\":0.5,\"calibration_error\":0.5,\"seconds\":0.5,\"seconds_p50\":0.5,\"seconds_p99\":0.5},\"single\":{\"n\":2,\"e"
                        + "m\":0.0,\"f1\":0.25,\"precision\":0.375,\"recall\":0.125,\"answer_presence\":0.0,\"rounds\":0.0,\"prompt_to"
                        + "kens\":10.0,\"tokens\":2.0,\"seconds\":1.25,\"seconds_p50\":1.25,\"seconds_p99\":1.495}},\"closed-book\":{\"total\":{\"n\":1,\"em\":0.0,\"f1\":0.0,\"preci"
                        + "sion\":0.0,\"recall\":0.0,\"answer_presence\":0.0,\"rounds\":0.0,\"prompt_tokens\":10.0,\"tokens\":2.0,\"se"
                        + "conds\":0.25,\"seconds_p50\":0.25,\"seconds_p99\":0.25},\"compose\":{\"n\":1,\"em\":0.0,\"f1\":0.0,\"precision\":0.0,\"recall\":0.0,\"answer_presence\":"
                        + "0.0,\"rounds\":0.0,\"prompt_tokens\":10.0,\"tokens\":2.0,\"seconds\":0.25,\"seconds_p50\":0.25,\"seconds_p99\":0.25}}},\"adapters\":{\"parametric\":{"
                        + "\"passages\":3,\"without_adapter\":2,\"reasons\":{\"pending\":1,\"full\":1}}},\"compositions\":{},\"retrieva"
                        + "l\":{\"n\":4,\"top_k\":3,\"hit_rate\":0.75,\"all_gold_rate\":0.5,\"recall\":0.625,\"without_gold_n\":1,\"answ"
                        + "er_rate\":1.0}}";
        JsonNode json = report().toJson();
        assertEquals(2, json.at("/methods/parametric/total/f1_95").size());
        withoutIntervals(json);
        assertEquals(JsonMapper.builder().build().readTree(expected), json);
    }

    @Test
    void eachAnswerIsThereInTheQuestionsOrder() throws JsonProcessingException {
        Report report = new Report(1);
        Row row = Row.parse("combined:strength=0.25");
        Question first = new Question("Who?", List.of("a"), "single", List.of());
        Question second = new Question("Where?", List.of("b"), "compose", List.of());
        for (Question question : List.of(first, second)) {
            report.add(Row.of("closed-book"), question, outcome(Score.ZERO, 0.25));
            report.add(
                    row,
                    question,
                    new Outcome(
                            new Score(1, 0.5, 0.75, 0.25),
                            true,
                            0.5,
                            2,
                            30,
                            4,
                            new Seconds(0.125, 0.0625, 0.25, 0.5),
                            -1.5,
                            List.of()));
        }
        ObjectNode json = report.toJsonWithEach();
        JsonNode rows = json.remove("answers");
        assertEquals(2, rows.size());
        assertEquals("closed-book", rows.at("/0/row").asText());
        assertTrue(rows.at("/0/questions/0/compose").isNull(), "what isn't known isn't 0");
        assertEquals(0.25, rows.at("/0/questions/1/total").asDouble());
        assertEquals("combined:strength=0.25", rows.at("/1/row").asText());
        assertEquals("combined", rows.at("/1/method").asText());
        assertEquals(
                JsonMapper.builder()
                        .build()
                        .readTree("[\"Who?\",\"single\",1.0,0.5,0.75,0.25,true,0.5,2,30,4,-1.5,0.125,0.0625,0.25,0.5]"),
                JsonMapper.builder().build().createArrayNode().addAll(values(rows.at("/1/questions/0"))));
        assertEquals("Where?", rows.at("/1/questions/1/question").asText());
        assertEquals(report.toJson(), json);
    }

    private static List<JsonNode> values(JsonNode node) {
        List<JsonNode> values = new ArrayList<>();
        node.forEach(values::add);
        return values;
    }

    /** A log of before the steps were kept. */
    @Test
    void aLineWithoutTheSecondsOfItsStepsCounts() throws JsonProcessingException {
        ObjectNode line = JsonMapper.builder().build().createObjectNode();
        Outcome whole = new Outcome(
                new Score(1, 0.5, 0.75, 0.25),
                true,
                null,
                2,
                30,
                4,
                new Seconds(0.125, 0.0625, 0.25, 0.5),
                null,
                List.of());
        whole.addTo(line);
        assertEquals(whole, Outcome.of(line));
        line.remove(List.of("retrieve", "compose", "generate"));
        assertEquals(new Seconds(null, null, null, 0.5), Outcome.of(line).seconds());
    }

    /** Each question was answered by both: the differences vary less than the scores do. */
    @Test
    void rowsAreHeldAgainstPlainRagQuestionByQuestion() {
        Report report = new Report(3);
        for (int i = 0; i < 40; i++) {
            double f1 = i % 4 == 0 ? 0 : 0.75;
            report.add("in-context", "single", outcome(new Score(0, f1, f1, f1), 1));
            report.add("combined:strength=0.25", "single", outcome(new Score(0, f1 + 0.2, f1, f1), 1));
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
        report.add("parametric", "single", outcome(Score.ZERO, 1));
        assertTrue(!report.toTable().contains("nats a token"), report::toTable);
        report.probes("parametric").add(-0.25, 1.5);
        report.probes("parametric").add(-0.05, 0.5);
        report.probes("parametric").addOwn(2);
        String[] lines = report.toTable().split("\\R");
        assertTrue(lines[4].matches("nats a token +neutral +worst +answer +95% +own-wrong"), lines[4]);
        assertTrue(
                lines[5].matches("parametric +-0\\.150 +-0\\.250 +\\+1\\.000 +\\+0\\.500\\.\\.\\+1\\.500 +\\+2\\.000"),
                lines[5]);
        JsonNode json = report.toJson().at("/compositions/parametric");
        assertEquals(-0.15, json.get("locality").asDouble(), 1e-9);
        assertEquals(1, json.get("own_against_wrong_n").asInt());
    }

    @Test
    void aTypeThatIsCalledTotalIsInTheTotalOnly() {
        Report report = new Report(1);
        report.add("parametric", "total", outcome(new Score(1, 1, 1, 1), 1));
        report.add("parametric", "other", outcome(Score.ZERO, 1));
        assertEquals(2, report.of("parametric").get("total").n());
        assertEquals(2, report.toJson().at("/methods/parametric").size());
    }

    @Test
    void whereAllAdaptersAreThereTheTableHasNoWordOfIt() {
        Report report = new Report(1);
        report.add("parametric", "single", outcome(Score.ZERO, 1, (WithoutAdapter) null));
        assertEquals(4, report.toTable().split("\\R").length, report.toTable());
        assertEquals(
                0, report.toJson().at("/adapters/parametric/without_adapter").asInt(-1));
        report.add("combined", "single", outcome(Score.ZERO, 1, WithoutAdapter.MISSING));
        assertTrue(report.toTable().contains("combined: 1 of 1 passages stood"), report.toTable());
        assertTrue(report.toTable().contains("no more than in-context"), report.toTable());
    }

    @Test
    void table() {
        String[] lines = report().toTable().split("\\R");
        assertEquals(9, lines.length);
        assertTrue(
                lines[0].matches("F1 +compose \\(1\\) +single \\(2\\) +total +95% +EM +s/question +p50 +p99"),
                lines[0]);
        assertTrue(
                lines[1].matches(
                        "parametric +1\\.000 +0\\.250 +0\\.500 +0\\.000\\.\\.1\\.000 +0\\.333 +1\\.000 +1\\.000 +1\\.490"),
                lines[1]);
        assertTrue(
                lines[2].matches(
                        "closed-book +0\\.000 +0\\.000 +0\\.000\\.\\.0\\.000 +0\\.000 +0\\.250 +0\\.250 +0\\.250"),
                lines[2]);
        assertEquals(
                "parametric: 2 of 3 passages stood in the prompt for want of an adapter (1 pending, 1 full)", lines[6]);
        assertTrue(lines[3].matches("total +precision +recall +presence +retrieved +rounds +tokens +ECE"), lines[3]);
        assertTrue(
                lines[4].matches("parametric +0\\.583 +0\\.417 +0\\.333 +1\\.000 +0\\.33 +2\\.7 +0\\.500"), lines[4]);
        assertTrue(lines[5].matches("closed-book +0\\.000 +0\\.000 +0\\.000 +0\\.00 +2\\.0 *"), lines[5]);
        assertTrue(
                lines[7].contains("top 3") && lines[7].contains("75.0% of 4") && lines[7].contains("recall 62.5%"),
                lines[7]);
        assertTrue(lines[8].contains("an accepted answer for 100.0% of 1"), lines[8]);
    }
}
