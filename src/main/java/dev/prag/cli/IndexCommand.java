package dev.prag.cli;

import dev.prag.retrieval.PassageIndex;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The retrieval index. */
@Command(
        name = "index",
        mixinStandardHelpOptions = true,
        description = "Works on the retrieval index, which is made from the database and can be made again.",
        subcommands = IndexCommand.Rebuild.class)
public class IndexCommand {
    /** Makes the index from scratch. */
    @Command(
            name = "rebuild",
            mixinStandardHelpOptions = true,
            description = "Makes a new index from the passages in the database; searches see the old one meanwhile.")
    @Dependent
    @Unremovable
    public static class Rebuild implements ServiceCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Spec
        CommandSpec spec;

        @Inject
        PassageIndex index;

        @Override
        public ServiceOptions options() {
            return options;
        }

        @Override
        public boolean writesIndex() {
            return true;
        }

        @Override
        public Integer call() {
            long passages = index.rebuild();
            spec.commandLine().getOut().println("index rebuilt: " + passages + " passages");
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}
