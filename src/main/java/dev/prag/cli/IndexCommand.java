package dev.prag.cli;

import dev.prag.base.UserException;
import dev.prag.rest.Opening;
import dev.prag.rest.ProcessRole;
import dev.prag.retrieval.IndexPublisher;
import dev.prag.retrieval.PassageIndex;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The retrieval index. */
@Command(
        name = "index",
        mixinStandardHelpOptions = true,
        description = {
            "Works on the retrieval index, which is made from the database and can be made again.",
            "",
            "With --watch it follows the database until it is stopped and publishes snapshots of the index beside the"
                    + " adapters, with which services on other machines begin. Of several such processes one publishes;"
                    + " another takes over when it dies."
        },
        subcommands = IndexCommand.Rebuild.class)
@Dependent
@Unremovable
public class IndexCommand implements ServiceCommand {
    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(names = "--watch", description = "Follow the database and publish snapshots until stopped.")
    boolean watch;

    @Mixin
    WatchOptions watching = new WatchOptions();

    @Spec
    CommandSpec spec;

    @Inject
    PassageIndex index;

    @Inject
    IndexPublisher publisher;

    @Inject
    Opening opening;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public void check() {
        if (!watch) {
            throw new UserException("index: nothing to do; give --watch, or name a subcommand such as rebuild");
        }
    }

    @Override
    public boolean writesIndex() {
        return true;
    }

    @Override
    public boolean servesHttp() {
        return watching.servesHttp();
    }

    @Override
    public Map<String, String> settings() {
        return watching.settings(ProcessRole.INDEX);
    }

    @Override
    public Integer call() {
        check();
        index.open();
        opening.done();
        spec.commandLine().getErr().println("index: following the database");
        publisher.run();
        return 0;
    }

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
