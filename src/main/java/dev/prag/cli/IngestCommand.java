package dev.prag.cli;

import dev.prag.corpus.Corpus;
import dev.prag.corpus.DocumentInput;
import dev.prag.corpus.DocumentReader;
import dev.prag.corpus.Ingested;
import dev.prag.parameterization.ModelCheck;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads documents into the corpus. */
@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = {
            "Reads documents into the corpus and the index; prag encode then trains their adapters.",
            "",
            "jsonl: a document a line, with the fields id, title, text and metadata (only text is needed)."
                    + " txt, md: a document a file, identified by its path. A directory: all such files below it."
                    + " -: JSON lines from standard input.",
            "",
            "The same document again changes nothing; a changed one gets new passages, and those whose text stayed"
                    + " keep their adapters. A mistake anywhere leaves the corpus as it was."
        })
@Dependent
@Unremovable
public class IngestCommand implements ServiceCommand {
    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Files, directories, or - for standard input.")
    List<String> paths;

    @Spec
    CommandSpec spec;

    @Inject
    Corpus corpus;

    @Inject
    ModelCheck modelCheck;

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
        List<DocumentInput> documents = new ArrayList<>();
        for (String path : paths) {
            documents.addAll(
                    path.equals("-")
                            ? DocumentReader.readLines(System.in, "standard input")
                            : DocumentReader.read(Path.of(path)));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(summary(corpus.ingest(documents)));
        out.flush();
        modelCheck.fault().ifPresent(fault -> spec.commandLine()
                .getErr()
                .println("ingest: the documents are kept, but the model can't be used: " + fault));
        return 0;
    }

    /** What became of the documents, in a sentence. */
    static String summary(List<Ingested> ingested) {
        Map<Ingested.Outcome, Integer> counts = new EnumMap<>(Ingested.Outcome.class);
        int passages = 0;
        for (Ingested one : ingested) {
            counts.merge(one.outcome(), 1, Integer::sum);
            passages += one.passageIds().size();
        }
        return ingested.size() + " documents with " + passages + " passages: "
                + counts.getOrDefault(Ingested.Outcome.ADDED, 0) + " added, "
                + counts.getOrDefault(Ingested.Outcome.CHANGED, 0) + " changed, "
                + counts.getOrDefault(Ingested.Outcome.UNCHANGED, 0) + " unchanged";
    }
}
