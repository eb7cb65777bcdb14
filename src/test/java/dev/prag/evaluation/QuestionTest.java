package dev.prag.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuestionTest {
    @TempDir
    Path folder;

    @Test
    void everyForm() throws IOException {
        Path file = write(
                "{\"question\":\" Who? \",\"answer\":\"Ada\",\"type\":\"bridge\",\"gold\":[\"A\",\"B\"],\"x\":1}\n"
                        + "\n"
                        + "{\"question\":\"How many?\",\"answers\":[\"two\",2],\"answer\":\"two\",\"gold\":\"A\"}\r\n"
                        + "{\"question\":\"Is it?\",\"answer\":true,\"type\":null,\"gold\":null}\n");
        assertEquals(
                List.of(
                        new Question("Who?", List.of("Ada"), "bridge", List.of("A", "B")),
                        new Question("How many?", List.of("two", "2"), "untyped", List.of("A")),
                        new Question("Is it?", List.of("true"), "untyped", List.of())),
                Question.read(file, 10));
        assertEquals(2, Question.read(file, 2).size());
    }

    @Test
    void numbersAreAnswersAsTheyAreWritten() throws IOException {
        Path file = write("\uFEFF{\"question\":\"a\",\"answers\":[1.10,123456789.0,12345678901234567890,1e-2]}\r\n");
        assertEquals(
                List.of("1.10", "123456789.0", "12345678901234567890", "0.01"),
                Question.read(file, 1).getFirst().answers());
    }

    @Test
    void thoseOfTheDemo() {
        List<Question> questions = Question.read(Path.of("src/main/demo/small/questions.jsonl"), 1000);
        assertTrue(questions.size() > 100);
        assertEquals("single", questions.getFirst().type());
        assertEquals(List.of("Gabriel Souford"), questions.getFirst().gold());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"question\":\"a\",                            | not JSON",
                "{\"question\":\"a\",\"answer\":\"b\"} {}        | not JSON",
                "[]                                              | object",
                "{\"answer\":\"b\"}                              | no question",
                "{\"question\":\" \",\"answer\":\"b\"}           | no question",
                "{\"question\":3,\"answer\":\"b\"}               | no question",
                "{\"question\":\"a\"}                            | no answer",
                "{\"question\":\"a\",\"answers\":[]}             | no answer",
                "{\"question\":\"a\",\"answers\":[{\"b\":1}]}    | answers",
                "{\"question\":\"a\",\"answer\":{\"b\":1}}       | answer",
                "{\"question\":\"a\",\"answer\":1e400}         | exponent",
                "{\"question\":\"a\",\"answer\":1,\"answer\":2} | Duplicate",
                "{\"question\":\"a\",\"answer\":\"b\",\"gold\":[null]} | gold"
            })
    void mistakesAreNamedWithFileAndLine(String line, String cause) throws IOException {
        Path file = write("{\"question\":\"a\",\"answer\":\"b\"}\n\n" + line + "\n");
        UserException e = assertThrows(UserException.class, () -> Question.read(file, 10));
        assertTrue(e.getMessage().contains(file + " line 3"), e.getMessage());
        assertTrue(e.getMessage().contains(cause), e.getMessage());
        assertEquals(1, Question.read(file, 1).size(), "lines beyond the limit don't matter");
    }

    @Test
    void filesThatHoldNoQuestions() throws IOException {
        refused(folder.resolve("none.jsonl"), 1, "does not exist");
        refused(folder, 1, "can't be read");
        refused(write("\n \n"), 1, "no question");
        refused(write("{\"question\":\"a\",\"answer\":\"b\"}"), 0, "limit is 0");
        Path latin1 = Files.write(
                folder.resolve("latin1.jsonl"), "{\"question\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1));
        refused(latin1, 1, "UTF-8");
    }

    private static void refused(Path file, int limit, String cause) {
        UserException e = assertThrows(UserException.class, () -> Question.read(file, limit));
        assertTrue(e.getMessage().contains(cause), e.getMessage());
    }

    private Path write(String lines) throws IOException {
        return Files.writeString(folder.resolve("questions.jsonl"), lines);
    }
}
