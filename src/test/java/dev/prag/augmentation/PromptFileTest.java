package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompt sets in files. */
class PromptFileTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    private Path file(String name, JsonNode set) throws IOException {
        return Files.writeString(folder.resolve(name), set.toString());
    }

    private static ObjectNode instruct() throws IOException {
        return (ObjectNode) JSON.readTree(Prompts.of("instruct", null).toFile());
    }

    private static UserException refused(Path file) {
        UserException e = assertThrows(UserException.class, () -> Prompts.of(file.toString(), null));
        assertTrue(e.getMessage().contains(file.getFileName().toString()), e.getMessage());
        assertFalse(e.getMessage().contains("dev.prag"), e.getMessage());
        return e;
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "instruct"})
    void theSameWordsAreTheSameSetWhereverTheyLie(String name) throws IOException {
        Prompts shipped = Prompts.of(name, null);
        Prompts copy = Prompts.of(
                Files.writeString(folder.resolve("mine.json"), shipped.toFile()).toString(), null);
        assertEquals(shipped.set(), copy.set());
        assertEquals(shipped.questions(), copy.questions());
        assertEquals(folder.resolve("mine.json").toString(), copy.named());
    }

    @Test
    void otherWordsAreAnotherSetAndTheNameIsNone() throws IOException {
        ObjectNode set = instruct().put("rewrite", "In other words: {passage}");
        PromptSet mine = Prompts.of(file("mine.json", set).toString(), null).set();
        PromptSet moved = Prompts.of("moved.json", file("moved.json", set)).set();
        assertEquals(mine.hash(), moved.hash());
        assertNotEquals(PromptSet.named("instruct").hash(), mine.hash());
        assertEquals("In other words: A text.", mine.rewritePrompt("A text."));
        // What is off may be left out.
        ((ObjectNode) set.put("questionMark", false).putNull("shots").get("steps")).put("shotTurns", false);
        assertEquals(
                mine.hash(),
                Prompts.of(file("off.json", set).toString(), null).set().hash());
    }

    @Test
    void aFileThatChangesMeanwhileChangesNothingOfWhatWasRead() throws IOException {
        Path file = file("mine.json", instruct().put("rewrite", "First: {passage}"));
        Prompts read = Prompts.of(file.toString(), null);
        String hash = read.set().hash();
        file("mine.json", instruct().put("rewrite", "Second: {passage}"));
        assertEquals("First: A.", read.set().rewritePrompt("A."));
        assertEquals(hash, read.set().hash());
        assertNotEquals(hash, Prompts.of(file.toString(), null).set().hash());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /rewrite                  | "Say it again: {pasage}"   | rewrite: {pasage} is no placeholder here; write {passage}
        /rewrite                  | "Say it again."            | rewrite: {passage} is missing
        /rewrite                  | ["{passage}"]              | rewrite: it has to be text
        /rewrite                  | null                       | rewrite: it has to be text
        /pairs                    | "Ask: {passage} {number}"  | pairs: {number} is no placeholder
        /passage                  | "{number}"                 | passage: {passage} is missing
        /direct                   | "short"                    | direct: it has to be an object with fields
        /direct/withPassages      | "{question}"               | direct.withPassages: {passages} is missing
        /direct/withoutPassages   | "{passages} {question}"    | direct.withoutPassages: {passages} is no placeholder
        /steps/withoutPassages    | "Well?"                    | steps.withoutPassages: {question} is missing
        /steps/start              | "So {answer}"              | steps.start: {answer} is no placeholder
        /direct/sample            | "It is {answer}."          | direct.sample: it doesn't begin with direct.start, "The answer is"
        /direct/sample            | "The answer is Paris."     | direct.sample: {answer} is missing
        /direct/sampel            | "The answer is {answer}."  | direct.sampel: there is no such field
        /direct/shot              | "{question} {answer}"      | direct.shot: the set has no examples
        /direct/shotTurns         | true                       | direct.shotTurns: the set has no examples
        /direct/shotTurns         | "perhaps"                  | direct.shotTurns: it has to be true or false
        /answerMarkers            | []                         | answerMarkers: it is empty
        /answerMarkers            | ["The answer is", " "]     | answerMarkers: it holds an empty text
        /answerMarkers            | "The answer is"            | answerMarkers: it has to be a list
        /shots                    | [{"question": "Q?"}]       | shots[0].answer: it is missing
        /shots                    | [{"question": "Q?", "answer": "A"}] | shots: neither direct nor steps shows them
        /questions/fact/turn      | "{sentense}"               | questions.fact.turn: {sentense} is no placeholder
        /questions/answer         | "{passage}"                | questions.answer: {question} is missing
        /questions                | {}                         | questions.
        """)
    void whatIsWrongIsRefusedByFileFieldAndRemedy(String pointer, String value, String fault) throws IOException {
        ObjectNode set = instruct();
        int slash = pointer.lastIndexOf('/');
        ((ObjectNode) set.at(pointer.substring(0, slash))).set(pointer.substring(slash + 1), JSON.readTree(value));
        String said = refused(file("mine.json", set)).getMessage();
        assertTrue(said.contains(fault), said);
        assertTrue(said.contains(";"), said);
    }

    @Test
    void examplesHaveOnePlaceAndItIsNamed() throws IOException {
        JsonNode shots = JSON.readTree("[{\"question\": \"Q?\", \"answer\": \"A\"}]");
        ObjectNode set = instruct();
        set.set("shots", shots);
        ObjectNode direct = (ObjectNode) set.get("direct");
        direct.put("shotTurns", true).put("shot", "{question} {answer}");
        String both = refused(file("mine.json", set)).getMessage();
        assertTrue(both.contains("direct.shotTurns") && both.contains("leave one out"), both);
        direct.remove("shotTurns");
        String nowhere = refused(file("mine.json", set)).getMessage();
        assertTrue(nowhere.contains("direct.withPassages: {shots} is missing"), nowhere);
        direct.remove("shot");
        direct.put("withPassages", "{shots} {passages} {question}").put("shotTurns", true);
        String unworded = refused(file("mine.json", set)).getMessage();
        assertTrue(unworded.contains("{shots} is no placeholder here; it needs the wording"), unworded);
        direct.put("withPassages", "{passages} {question}");
        ((ObjectNode) shots.get(0)).put("answer", " ");
        assertTrue(refused(file("mine.json", set)).getMessage().contains("shots[0]: its question or its answer"));
        ((ObjectNode) shots.get(0)).put("answer", "A");
        assertEquals(
                1, Prompts.of(file("mine.json", set).toString(), null).set().shown(false));
    }

    @Test
    void whatIsNoSetIsRefused() throws IOException {
        ObjectNode less = instruct();
        ((ObjectNode) less.get("steps")).remove("sample");
        assertTrue(refused(file("less.json", less)).getMessage().contains("steps.sample: it is missing"));
        less.remove("answerMarkers");
        for (String wrong :
                new String[] {"", "null", "[]", "7", "{\"rewrite\": ", "{} {}", "{\"pairs\":\"\",\"pairs\":\"\"}"}) {
            Path file = Files.writeString(folder.resolve("wrong.json"), wrong);
            assertTrue(refused(file).getMessage().contains("prag prompts show instruct"), wrong);
        }
        Path latin = Files.write(
                folder.resolve("latin.json"),
                instruct().put("rewrite", "Ändere {passage}").toString().getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(refused(latin).getMessage().contains("UTF-8"));
        Path huge = Files.write(folder.resolve("huge.json"), new byte[PromptFile.MOST_BYTES + 1]);
        assertTrue(refused(huge).getMessage().contains("more than " + PromptFile.MOST_BYTES));
        assertTrue(refused(Files.createDirectory(folder.resolve("set")))
                .getMessage()
                .contains("can't be read"));
        for (String nowhere : new String[] {"nowhere.json", "", "a\0b"}) {
            UserException e = assertThrows(UserException.class, () -> Prompts.of(nowhere, folder.resolve("r.json")));
            assertTrue(e.getMessage().contains("demo, instruct"), e.getMessage());
        }
    }

    @Test
    void aByteOrderMarkIsNoMistake() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.json"), "\uFEFF" + instruct());
        assertEquals(
                PromptSet.named("instruct"), Prompts.of(file.toString(), null).set());
    }

    @Test
    void aQuestionMarkIsPutWhereNoneIs() throws IOException {
        ObjectNode set = instruct().put("questionMark", true);
        ((ObjectNode) set.get("direct")).put("withoutPassages", "{question}");
        PromptSet mine = Prompts.of(file("mine.json", set).toString(), null).set();
        for (String asked : new String[] {"Who wrote it", "Who wrote it?", " Who wrote it ? "}) {
            assertEquals("Who wrote it?", mine.answerPrompt(java.util.List.of(), asked, false));
        }
    }
}
