package dev.prag.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.bench.GrowthPart;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/** What the command line says before anything starts. */
class CommandLineTest {
    private static CommandLine top() {
        return Main.commandLine(CommandLine.defaultFactory());
    }

    static Stream<String> commands() {
        List<String> names = new ArrayList<>();
        collect(top(), names);
        return names.stream();
    }

    private static void collect(CommandLine line, List<String> names) {
        for (CommandLine command : line.getSubcommands().values()) {
            if (!command.getCommandName().equals("help")) {
                names.add(command.getCommandSpec().qualifiedName());
                collect(command, names);
            }
        }
    }

    @Test
    void thereAreTheCommandsThatTheDocumentationNames() {
        assertEquals(
                List.of(
                        "demo",
                        "ingest",
                        "document",
                        "augment",
                        "tune",
                        "warmup",
                        "encode",
                        "ask",
                        "evaluate",
                        "adaptive",
                        "dataset",
                        "prompts",
                        "reproduce",
                        "status",
                        "serve",
                        "index",
                        "adapter",
                        "target",
                        "key",
                        "model",
                        "device",
                        "bench"),
                top().getSubcommands().keySet().stream()
                        .filter(name -> !name.equals("help") && !name.equals(GrowthPart.COMMAND))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItself(String name) {
        List<String> args = new ArrayList<>(List.of(name.split(" ")).subList(1, name.split(" ").length));
        CommandLine command = top();
        for (String arg : args) {
            command = command.getSubcommands().get(arg);
        }
        String description =
                String.join("", command.getCommandSpec().usageMessage().description());
        assertTrue(description.length() > 30, name + ": " + description);
        for (ArgSpec arg : command.getCommandSpec().args()) {
            assertTrue(String.join("", arg.description()).length() > 8, name + " " + arg);
        }
        args.add("--help");
        Run help = Run.of(CommandLine.defaultFactory(), args.toArray(String[]::new));
        assertTrue(help.succeeded().startsWith("Usage: " + name), help.out());
    }

    @ParameterizedTest
    @CsvSource({"status, --home", "ask, --model", "evaluate, --questions"})
    void anEmptyPathIsNoFolder(String command, String option) {
        for (String empty : List.of("", " ")) {
            Run.of(CommandLine.defaultFactory(), command, option, empty).refused(option, "path is empty");
        }
    }

    @Test
    void helpAndVersionOfTheProgram() {
        String help = Run.of(CommandLine.defaultFactory(), "--help").succeeded();
        assertTrue(help.contains("First steps") && help.contains("Exit code 2"), help);
        assertTrue(Run.of(CommandLine.defaultFactory(), "--version").succeeded().startsWith("prag "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                  | subcommand",
                "frobnicate                        | frobnicate",
                "staus                             | status",
                "adapter                           | subcommand",
                "document                          | subcommand",
                "document show                     | ID",
                "document delete                   | ID",
                "index                             | subcommand",
                "model                             | subcommand",
                "ingest                            | PATH",
                "ask                               | QUESTION",
                "ask why because                   | because",
                "ask why --top-k many              | many",
                "ask why --temperature hot         | hot",
                "evaluate                          | --questions",
                "evaluate --questions              | --questions",
                "evaluate --questions x --limit no | no",
                "serve --port http                 | http",
                "status --jsno                     | --jsno",
                "ask -Vera?                        | -Vera?",
                "ask -how                          | lone --",
                "encode --batch x                  | x",
                "adapter export                    | ID",
                "adapter export abc                | DIR",
                "model inspect --model /none       | /none"
            })
    void mistakesInTheArguments(String args, String word) {
        Run.of(CommandLine.defaultFactory(), args == null ? new String[0] : args.split(" "))
                .refused(word);
    }

    @Test
    void whatIsWrongIsRefusedBeforeAHomeIsMade(@TempDir Path folder) throws IOException {
        String home = folder.resolve("home").toString();
        String questions = Files.writeString(folder.resolve("q.jsonl"), "{\"question\":\"Who?\",\"answer\":\"I\"}")
                .toString();
        assertEquals(2, Main.start("ask", " ", "--home", home));
        assertEquals(2, Main.start("ask", "Who?", "--top-k", "0", "--home", home));
        assertEquals(2, Main.start("evaluate", "--questions", home, "--home", home));
        assertEquals(2, Main.start("evaluate", "--questions", questions, "--out", questions, "--home", home));
        assertEquals(2, Main.start("evaluate", "--questions", questions, "--out", folder.toString(), "--home", home));
        assertFalse(Files.exists(folder.resolve("home")));
    }

    @Test
    void optionsAreSettings() {
        ServeCommand serve = parsed(
                ServeCommand.class,
                "serve --home h --model m --dtype f32 --weights full --recipe r --context 9 --threads 2"
                        + " --database-url jdbc:postgresql://db/x --host 0.0.0.0 --port 81 --encoder");
        assertEquals(
                Map.of(
                        "prag.home", "h",
                        "prag.model", "m",
                        "prag.dtype", "f32",
                        "prag.weights", "full",
                        "prag.recipe", "r",
                        "prag.context", "9",
                        "prag.threads", "2",
                        "prag.database.url", "jdbc:postgresql://db/x"),
                serve.options().settings());
        assertEquals(
                Map.of(
                        "prag.role", "SERVE",
                        "quarkus.http.host", "0.0.0.0",
                        "quarkus.http.port", "81",
                        "prag.encoder.enabled", "true"),
                serve.settings());
        ServeCommand bare = parsed(ServeCommand.class, "serve");
        assertEquals(Map.of(), bare.options().settings());
        assertEquals(Map.of("prag.role", "SERVE"), bare.settings());
        assertTrue(bare.servesHttp() && bare.writesIndex());
        assertFalse(parsed(StatusCommand.class, "status").servesHttp());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@who",
                "@/etc/hostname",
                "@@who",
                "\"Who?\"",
                "'Who?'",
                "${sys:user.home} or ${env:HOME}, at $5?",
                "Who lives in ${COMMAND-NAME}?",
                "a,b=c",
                "-5 degrees, where?",
                "--help me",
                "--",
                "  two  spaces\tand a tab\n"
            })
    void aQuestionIsWhatWasTyped(String question) {
        String[] args = {"ask", "--top-k", "2", "--", question};
        AskCommand ask =
                (AskCommand) top().parseArgs(args).subcommand().commandSpec().userObject();
        assertEquals(question, ask.question);
        if (!question.startsWith("-")) {
            args = new String[] {"ask", question, "--method", "@x"};
            ask = (AskCommand) top().parseArgs(args).subcommand().commandSpec().userObject();
            assertEquals(question, ask.question);
            assertEquals("@x", ask.method);
        }
    }

    @Test
    void aQuestionMayBeginLikeAnOptionWhereItIsASentence() {
        String[] args = {"ask", "-5 degrees in Torsby: when?", "--top-k", "2"};
        AskCommand ask = (AskCommand) Main.commandLine(CommandLine.defaultFactory(), args)
                .parseArgs(args)
                .subcommand()
                .commandSpec()
                .userObject();
        assertEquals("-5 degrees in Torsby: when?", ask.question);
        assertEquals(2, ask.composing.topK);
        Run.of(CommandLine.defaultFactory(), "ask", "-5 degrees?", "--jsno").refused("--jsno");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ingest @list", "index rebuild --home @list", "adapter export id @list"})
    void noArgumentIsAFileOfArguments(String command) {
        CommandLine.ParseResult parsed = top().parseArgs(command.split(" "));
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        assertTrue(parsed.matchedArgs().getLast().stringValues().contains("@list"), command);
    }

    @Test
    void aBudgetAndAWatcherContradictEachOther() {
        parsed(EncodeCommand.class, "encode --budget 20m").check();
        UserException both =
                assertThrows(UserException.class, () -> parsed(EncodeCommand.class, "encode --budget 20m --watch")
                        .check());
        assertTrue(both.getMessage().contains("--budget") && both.getMessage().contains("--watch"), both.getMessage());
        UserException neither =
                assertThrows(UserException.class, () -> parsed(EncodeCommand.class, "encode --budget 20min")
                        .check());
        assertTrue(neither.getMessage().contains("20min"), neither.getMessage());
    }

    private static <T> T parsed(Class<T> type, String args) {
        return type.cast(
                top().parseArgs(args.split(" ")).subcommand().commandSpec().userObject());
    }

    @ParameterizedTest
    @EnumSource
    void exitCodesSayWhoseFaultItIs(Kind kind) {
        StringWriter err = new StringWriter();
        Throwable wrapped = new IllegalStateException(new UserException(kind, "the cause; the remedy"));
        int exit = Errors.report(new PrintWriter(err), wrapped, false);
        assertEquals(kind == Kind.ENVIRONMENT ? 1 : 2, exit);
        assertEquals("prag: the cause; the remedy\n", err.toString());
    }

    @Test
    void otherErrors() {
        StringWriter err = new StringWriter();
        assertEquals(1, Errors.report(new PrintWriter(err), new IllegalStateException("odd"), false));
        assertTrue(err.toString().contains("odd") && err.toString().contains("--verbose"), err.toString());
        assertFalse(err.toString().contains("\tat "));
        assertEquals(1, Errors.report(new PrintWriter(err), new IllegalStateException("odd"), true));
        assertTrue(err.toString().contains("\tat "));
        StringWriter interrupted = new StringWriter();
        assertEquals(1, Errors.report(new PrintWriter(interrupted), new CancellationException(), false));
        assertTrue(interrupted.toString().contains("interrupted"), interrupted.toString());
    }
}
