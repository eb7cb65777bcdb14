package dev.prag.cli;

import dev.prag.augmentation.Pair;
import dev.prag.augmentation.PromptSet;
import dev.prag.augmentation.Prompts;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag prompts}. */
@Command(
        name = "prompts",
        mixinStandardHelpOptions = true,
        description = {"Prompt sets: the words in which a model is asked.", ""},
        subcommands = {PromptsCommand.ShowCommand.class, PromptsCommand.CheckCommand.class})
public final class PromptsCommand {
    /** {@code prag prompts show}. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = {
                "Print a prompt set as a file, such as one to change and to name in a recipe.",
                "",
                "prag prompts show instruct > mine.json; in a recipe beside it then \"prompts\": \"mine.json\".",
                ""
            })
    static final class ShowCommand implements Callable<Integer> {
        @Parameters(paramLabel = "SET", description = "demo or instruct, or a file.")
        private String set;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            out.print(Prompts.of(set, null).toFile());
            out.flush();
            return 0;
        }
    }

    /** {@code prag prompts check}. */
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = {
                "Look a prompt set over, and print what is asked by it and what is trained on, with an example.",
                ""
            })
    static final class CheckCommand implements Callable<Integer> {
        private static final String PASSAGE = "The Windmere Library lends a book for 21 days.";
        private static final Pair PAIR = new Pair(
                "For how long does the Windmere Library lend a book?",
                "21 days",
                "The Windmere Library lends a book for 21 days.");

        @Parameters(paramLabel = "FILE", description = "The file; demo and instruct are those of the program.")
        private String set;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            PromptSet prompts = Prompts.of(set, null).set();
            PrintWriter out = spec.commandLine().getOut();
            print(out, "A rewrite is asked for", List.of(turn(prompts.rewritePrompt(PASSAGE))));
            print(out, "Pairs are asked for", List.of(turn(prompts.pairsPrompt(PASSAGE))));
            for (boolean steps : new boolean[] {false, true}) {
                String way = steps ? ", in steps" : ", at once";
                print(out, "A question" + way, prompts.answer(List.of(PASSAGE), PAIR.question(), steps));
                // Within marks, as a space at its end counts.
                out.println("the answer begins: \"" + prompts.start(steps) + "\"\n");
                print(out, "A sample without passages" + way, prompts.sample(List.of(), PAIR, steps));
            }
            out.println("The set is in order. Its wording has the hash "
                    + prompts.hash().substring(0, 16)
                    + (prompts.comesWithTheProgram() ? " and is that of the set " + prompts.name() : "") + ".");
            out.flush();
            return 0;
        }

        private static Map<String, Object> turn(String text) {
            return Map.of("role", "user", "content", text);
        }

        private static void print(PrintWriter out, String what, List<Map<String, Object>> chat) {
            out.println("== " + what);
            for (Map<String, Object> turn : chat) {
                out.println(turn.get("role") + ":");
                out.println(turn.get("content"));
                out.println();
            }
        }
    }
}
