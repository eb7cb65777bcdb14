package dev.prag.cli.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.llm.Differences;
import dev.prag.llm.ReferenceModel;
import dev.prag.lora.Adapter;
import dev.prag.lora.PeftFolder;
import dev.prag.lora.Projection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Training from the command line, against PyTorch and PEFT. */
@Timeout(120)
class TrainCommandTest {
    private static final ReferenceModel SMALL = ReferenceModel.LLAMA_3_2;

    @TempDir
    Path folder;

    private Path samples(Iterable<JsonNode> lines) throws IOException {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        return Files.writeString(folder.resolve("samples.jsonl"), text);
    }

    private Tool train(ReferenceModel model, Path samples, String... more) {
        List<String> args = new ArrayList<>(List.of("train", "--dtype", "f32", "--model"));
        args.add(model.folder().toString());
        args.addAll(List.of(
                "--samples", samples.toString(), "--out", folder.resolve("out").toString()));
        args.addAll(List.of(more));
        return Tool.run("", args.toArray(String[]::new));
    }

    /** How far two adapters are apart, over the distance of the second from a start. */
    private static double relativeError(Adapter a, Adapter b, Adapter start) {
        return distance(a, b) / distance(b, start);
    }

    private static double distance(Adapter a, Adapter b) {
        double sum = 0;
        for (Adapter.Target target : a.updates().keySet()) {
            Adapter.LowRank x = a.updates().get(target);
            Adapter.LowRank y = b.updates().get(target);
            sum += Math.pow(Differences.norm(Differences.minus(x.a(), y.a())), 2);
            sum += Math.pow(Differences.norm(Differences.minus(x.b(), y.b())), 2);
        }
        return Math.sqrt(sum);
    }

    @ParameterizedTest
    @EnumSource
    void trainsAsPyTorchDoes(ReferenceModel model) throws IOException {
        for (int run : new int[] {1, 2}) {
            JsonNode golden = model.json("train-" + run);
            Adapter start = ReferenceModel.adapterOf(model.tensors("train-" + run), "init.");
            PeftFolder.write(start, folder.resolve("init"), null);
            Tool tool = train(
                    model,
                    samples(golden.get("samples")),
                    "--init",
                    folder.resolve("init").toString(),
                    "--learning-rate",
                    golden.get("learning_rate").asText(),
                    "--epochs",
                    golden.get("epochs").asText(),
                    "--loss-on",
                    golden.get("loss_on").asText());
            assertEquals(0, tool.exit(), tool.err());
            JsonNode losses = golden.get("loss_per_step");
            List<JsonNode> lines = tool.lines();
            assertEquals(losses.size(), lines.size());
            for (int i = 0; i < lines.size(); i++) {
                assertEquals(i, lines.get(i).get("step").intValue());
                double expected = losses.get(i).doubleValue();
                assertEquals(expected, lines.get(i).get("loss").doubleValue(), 1e-5 * expected);
            }
            Adapter trained =
                    PeftFolder.read(folder.resolve("out"), model.config().decoderShape());
            double error = relativeError(trained, model.adapter(Integer.toString(run)), start);
            assertTrue(error < 3e-4, "run " + run + ": " + error);
            try (Stream<Path> left = Files.list(folder)) {
                assertEquals(3, left.count());
            }
        }
    }

    @Test
    void learnsTheAnswerOfAChat() throws IOException {
        JsonNode messages = Tool.JSON.readTree("""
            {"messages":[{"role":"user","content":"Who wrote it?"},{"role":"assistant","content":"Ann Bell."}]}
            """);
        Tool chat = train(SMALL, samples(List.of(messages)), "--loss-on", "answer", "--seed", "4");
        assertEquals(0, chat.exit(), chat.err());

        String model = SMALL.folder().toString();
        JsonNode whole = Tool.run(messages.toString(), "tokenize", "--model", model)
                .lines()
                .getFirst();
        String prompt = "{\"messages\":[{\"role\":\"user\",\"content\":\"Who wrote it?\"}],"
                + "\"add_generation_prompt\":true}";
        int from = Tool.run(prompt, "tokenize", "--model", model)
                .lines()
                .getFirst()
                .get("ids")
                .size();
        assertTrue(from > 5 && from < whole.get("ids").size());
        JsonNode ids = Tool.JSON.createObjectNode().put("answer_from", from).set("ids", whole.get("ids"));
        Tool same = train(SMALL, samples(List.of(ids)), "--loss-on", "answer", "--seed", "4");
        assertEquals(same.out(), chat.out());
        Tool all = train(SMALL, samples(List.of(ids)), "--seed", "4");
        assertTrue(!all.out().equals(chat.out()));
    }

    @Test
    void targetsWhatItIsTold() throws IOException {
        Path samples = samples(List.of(Tool.JSON.readTree("{\"ids\":[1,2,3]}")));
        assertEquals(
                0,
                train(SMALL, samples, "--targets", "q_proj,v_proj", "--rank", "3", "--alpha", "6")
                        .exit());
        Adapter trained = PeftFolder.read(folder.resolve("out"), SMALL.config().decoderShape());
        assertEquals(Set.of(Projection.Q, Projection.V), trained.projections());
        assertEquals(3, trained.rank());
        assertEquals(6, trained.alpha());
        assertEquals(0, train(SMALL, samples, "--targets", "all-linear").exit());
        Adapter replaced = PeftFolder.read(folder.resolve("out"), SMALL.config().decoderShape());
        assertEquals(7, replaced.projections().size());
    }

    @ParameterizedTest
    @CsvSource(delimiterString = "=>", quoteCharacter = '`', textBlock = """
        {"ids":[1,2]} | --targets x_proj           => there is no projection "x_proj"
        {"ids":[1,2]} | --loss-on words            => --loss-on words
        {"ids":[1,2]} | --loss-on answer           => line 1: field answer_from is missing
        {"ids":[1,2],"answer_from":2} |            => line 1: field answer_from is 2
        {"ids":[1]} |                              => line 1: a sample of 1 ids has nothing to learn
        {"ids":[1,4000]} |                         => line 1: field ids: id 4000
        {"text":"a"} |                             => line 1: a sample has either
        {"messages":[{"role":"user","content":"a"}]} | --loss-on answer => is not the assistant's
        {"ids":[1,2]} | --rank 0                   => rank is 0
        {"ids":[1,2]} | --epochs 0                 => epochs is 0
        {"ids":[1,2]} | --learning-rate x          => --learning-rate
         |                                         => has no samples
        """)
    void refusesWhatItCantLearn(String given, String message) throws IOException {
        String[] parts = given.split("\\|", -1);
        Path samples = Files.writeString(folder.resolve("bad.jsonl"), parts[0].strip());
        String[] more = parts[1].isBlank() ? new String[0] : parts[1].strip().split(" ");
        Tool tool = train(SMALL, samples, more);
        assertEquals(2, tool.exit(), tool.err());
        assertEquals("", tool.out());
        assertTrue(tool.err().contains(message), tool.err());
        assertTrue(Files.notExists(folder.resolve("out")));
    }

    @Test
    void whatDivergedIsNotWritten() throws IOException {
        Path samples = samples(List.of(Tool.JSON.readTree("{\"ids\":[1,2,3,4,5]}")));
        Tool tool = train(SMALL, samples, "--learning-rate", "1e30", "--epochs", "6");
        assertEquals(2, tool.exit(), tool.err());
        assertTrue(tool.err().contains("diverged") && tool.err().contains("smaller --learning-rate"), tool.err());
        assertTrue(Files.notExists(folder.resolve("out")));
    }

    @Test
    void keepsFoldersThatAreNoAdapters() throws IOException {
        Path samples = samples(List.of(Tool.JSON.readTree("{\"ids\":[1,2,3]}")));
        Path mine =
                Files.writeString(Files.createDirectory(folder.resolve("out")).resolve("mine.txt"), "mine");
        Tool tool = train(SMALL, samples);
        assertEquals(2, tool.exit());
        assertEquals("", tool.out());
        assertTrue(tool.err().contains("is there already; name a folder that is empty or not there yet"), tool.err());
        assertEquals("mine", Files.readString(mine));
    }

    @Test
    void takesTheShapeOfTheAdapterItStartsFrom() throws IOException {
        Path samples = samples(List.of(Tool.JSON.readTree("{\"ids\":[1,2,3]}")));
        String init = SMALL.folder().resolve("golden/adapter-foreign").toString();
        Tool tool = train(SMALL, samples, "--init", init, "--rank", "2");
        assertEquals(2, tool.exit());
        assertTrue(tool.err().contains("--rank 2 contradicts --init " + init + ", which has 4"), tool.err());
        assertEquals(0, train(SMALL, samples, "--init", init, "--alpha", "8").exit());
        Adapter trained = PeftFolder.read(folder.resolve("out"), SMALL.config().decoderShape());
        assertEquals(4, trained.rank());
        assertTrue(trained.rsLora());
    }
}
