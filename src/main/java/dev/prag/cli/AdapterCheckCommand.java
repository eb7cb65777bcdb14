package dev.prag.cli;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
import dev.prag.corpus.AdapterView;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.StoreClaim;
import dev.prag.lora.AdapterCodec;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag adapter check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Read every adapter that the database knows, of all models and recipes, and say which are missing, damaged"
                    + " or unusable. Exit code 1 if some are and stay so.",
            ""
        })
@Dependent
@Unremovable
public class AdapterCheckCommand implements ServiceCommand {
    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(
            names = "--repair",
            description = "Make the passages of those adapters pending, so that `prag encode` encodes them again.")
    boolean repair;

    @Spec
    CommandSpec spec;

    @Inject
    EncodingQueue queue;

    @Inject
    AdapterStore store;

    @Inject
    StoreClaim claim;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public Integer call() {
        claim.check();
        PrintWriter out = spec.commandLine().getOut();
        List<AdapterView> adapters = queue.list(null, null);
        Set<String> known = new HashSet<>();
        int bad = 0;
        int repaired = 0;
        for (AdapterView adapter : adapters) {
            known.add(adapter.id());
            Optional<Fault> fault = fault(adapter);
            if (fault.isPresent()) {
                bad++;
                out.printf(
                        "%s  %s  %s%n",
                        StatusCommand.shortened(adapter.id()),
                        StatusCommand.titled(adapter.title()),
                        fault.get().what());
                if (repair && fault.get().isLasting()) {
                    queue.lost(adapter.id());
                    repaired++;
                }
            }
        }
        long unknown = store.list().stream()
                .filter(entry -> !known.contains(entry.id()))
                .count();
        out.println(adapters.size() + " adapters checked: " + (bad == 0 ? "all are right" : bad + " can't be used"));
        if (unknown > 0) {
            out.println(unknown + " more are in the store, which this database doesn't know; they are left alone");
        }
        if (repaired > 0) {
            out.println("The passages of " + repaired + " are pending again. Run `prag encode` to encode them.");
        } else if (bad > 0) {
            out.println("Run `prag adapter check --repair` and then `prag encode` to encode their passages again.");
        }
        out.flush();
        return bad == repaired ? 0 : Errors.OTHER;
    }

    /** @param isLasting whether another look would find the same */
    private record Fault(String what, boolean isLasting) {}

    private Optional<Fault> fault(AdapterView adapter) {
        Optional<byte[]> bytes;
        try {
            // What is kept says whether it is another one without being read.
            Optional<AdapterStore.Stat> stat = store.stat(adapter.id());
            if (stat.isPresent() && isAnother(stat.get(), adapter)) {
                return Optional.of(new Fault("not the one that was trained: its checksum is another", true));
            }
            bytes = stat.isEmpty() ? Optional.empty() : store.get(adapter.id());
        } catch (UserException e) {
            return Optional.of(new Fault("unreadable: " + e.getMessage(), false));
        }
        if (bytes.isEmpty()) {
            return Optional.of(new Fault(store.isDamaged(adapter.id()) ? "damaged" : "missing", true));
        }
        try {
            AdapterCodec.decode(bytes.get(), "adapter " + StatusCommand.shortened(adapter.id()));
            return Optional.empty();
        } catch (UserException e) {
            return Optional.of(new Fault("unusable: " + e.getMessage(), true));
        }
    }

    private static boolean isAnother(AdapterStore.Stat stat, AdapterView adapter) {
        // One that is too short to have a checksum is damaged, which reading tells.
        return !stat.checksum().isEmpty() && !stat.checksum().equals(adapter.checksum());
    }
}
