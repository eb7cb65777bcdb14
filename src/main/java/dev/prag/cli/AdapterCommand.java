package dev.prag.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.corpus.AdapterView;
import dev.prag.corpus.EncodingQueue;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.PeftFolder;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag adapter}. */
@Command(
        name = "adapter",
        mixinStandardHelpOptions = true,
        description = {
            "List, export and check the adapters that passages were encoded into; show what they are worth.",
            ""
        },
        subcommands = {
            AdapterCommand.ListCommand.class,
            AdapterCommand.ExportCommand.class,
            AdapterCheckCommand.class,
            AdapterReportCommand.class
        })
public class AdapterCommand {
    /** {@code prag adapter list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {"List the adapters of the model and recipe in force.", ""})
    @Dependent
    @Unremovable
    public static class ListCommand implements SharingCommand {
        private static final JsonMapper JSON = JsonMapper.builder().build();

        @Mixin
        ServiceOptions options;

        @Option(names = "--all", description = "Those of every model and recipe.")
        boolean all;

        @Option(names = "--json", description = "As one line of JSON.")
        boolean json;

        @Spec
        CommandSpec spec;

        @Inject
        EncodingQueue queue;

        @Inject
        Recipes recipes;

        @Inject
        ModelRuntime runtime;

        @Override
        public ServiceOptions options() {
            return options;
        }

        @Override
        public Integer call() {
            List<AdapterView> adapters = all
                    ? queue.list(null, null)
                    : queue.list(runtime.modelId(), recipes.current().hash());
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(JSON.createObjectNode().set("adapters", toJson(adapters)));
            } else {
                adapters.forEach(adapter -> out.printf(
                        Locale.ROOT,
                        "%s  %7.1f KiB  %s  %s%n",
                        StatusCommand.shortened(adapter.id()),
                        adapter.bytes() / 1024.0,
                        adapter.createdAt(),
                        StatusCommand.titled(adapter.title())));
                out.println(adapters.size() + " adapters");
            }
            out.flush();
            return 0;
        }

        private static ArrayNode toJson(List<AdapterView> adapters) {
            ArrayNode list = JSON.createArrayNode();
            for (AdapterView adapter : adapters) {
                ObjectNode node = list.addObject();
                node.put("id", adapter.id());
                node.put("model", adapter.model());
                node.put("recipe", adapter.recipe());
                node.put("checksum", adapter.checksum());
                node.put("bytes", adapter.bytes());
                node.put("createdAt", adapter.createdAt().toString());
                node.put("title", adapter.title());
                node.put("passages", adapter.passages());
            }
            return list;
        }
    }

    /** {@code prag adapter export}. */
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {"Write an adapter as a PEFT folder, which PyTorch programs and `prag model` read.", ""})
    @Dependent
    @Unremovable
    public static class ExportCommand implements SharingCommand {
        @Mixin
        ServiceOptions options;

        @Parameters(
                index = "0",
                paramLabel = "ID",
                description = "The adapter's id, or as much of it as tells it apart.")
        String id;

        @Parameters(index = "1", paramLabel = "DIR", description = "Folder to write; made if it isn't there.")
        Path folder;

        @Spec
        CommandSpec spec;

        @Inject
        EncodingQueue queue;

        @Inject
        AdapterStore store;

        @Inject
        ModelRuntime runtime;

        @Override
        public ServiceOptions options() {
            return options;
        }

        @Override
        public Integer call() {
            AdapterView view = queue.find(id)
                    .orElseThrow(() -> new UserException(
                            UserException.Kind.NOT_FOUND,
                            "adapter " + id + ": there is none of that id, or several ids begin so; "
                                    + "`prag adapter list --all` shows the ids"));
            requireFree(folder);
            byte[] bytes = store.get(view.id())
                    .orElseThrow(() -> new UserException(
                            UserException.Kind.NOT_FOUND,
                            "adapter " + view.id() + ": its file is gone or damaged; run `prag adapter check --repair`"
                                    + " and then `prag encode` to train it again"));
            Adapter adapter = AdapterCodec.decode(bytes, "adapter " + view.id()).adapter();
            PeftFolder.write(adapter, folder, runtime.folder().path().toString());
            PrintWriter out = spec.commandLine().getOut();
            out.println("Wrote the adapter of \"" + StatusCommand.titled(view.title()) + "\" to " + folder);
            out.flush();
            return 0;
        }

        private static void requireFree(Path folder) {
            if (!Files.exists(folder)) {
                return;
            }
            if (!Files.isDirectory(folder)) {
                throw new UserException(folder + " is a file; name a folder that is empty or not there yet");
            }
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                if (files.iterator().hasNext()) {
                    throw new UserException(
                            UserException.Kind.CONFLICT,
                            folder + " is not empty; name a folder that is empty or not there yet");
                }
            } catch (IOException e) {
                throw new UserException(
                        UserException.Kind.ENVIRONMENT, folder + " can't be read (" + IoReason.of(e) + ")", e);
            }
        }
    }
}
