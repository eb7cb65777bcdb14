package dev.prag.cli;

import dev.prag.corpus.Corpus;
import dev.prag.corpus.CorpusConfig;
import dev.prag.corpus.DocumentFiles;
import dev.prag.corpus.DocumentReader;
import dev.prag.corpus.Ingested;
import dev.prag.corpus.PassedOverReport;
import dev.prag.parameterization.ModelCheck;
import dev.prag.retrieval.PassageIndex;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
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
            "jsonl, ndjson: a document a line, with the fields id, title, text and metadata (only text is needed)."
                    + " txt, md, markdown: a document a file, identified by its path. A folder: all such files below it,"
                    + " through links, too; what can't be read is passed over and told. -: JSON lines from standard"
                    + " input.",
            "",
            "The same document again changes nothing; a changed one gets new passages, and those whose text stayed"
                    + " keep their adapters. A mistake anywhere leaves the corpus as it was."
        })
@Dependent
@Unremovable
public class IngestCommand implements ServiceCommand {
    private static final int SHOWN_NOTES = 5;

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Files, folders, or - for standard input.")
    List<String> paths;

    @Spec
    CommandSpec spec;

    @Inject
    Corpus corpus;

    @Inject
    PassageIndex index;

    @Inject
    ModelCheck modelCheck;

    @Inject
    CorpusConfig config;

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
        DocumentFiles files = new DocumentFiles(config.maxDocumentBytes());
        for (String path : paths) {
            if (path.equals("-")) {
                files.add(DocumentReader.readLines(System.in, "standard input"));
            } else {
                files.read(path);
            }
        }
        List<Ingested> ingested = corpus.ingest(files.documents());
        index.catchUp();
        PrintWriter out = spec.commandLine().getOut();
        out.println(summary(ingested));
        PassedOverReport.lines(files.passedOver(), options.verbose).forEach(out::println);
        List<String> notes = ingested.stream()
                .flatMap(one -> one.notes().stream().map(note -> "note: " + one.documentId() + ": " + note))
                .toList();
        int shown = options.verbose ? notes.size() : Math.min(SHOWN_NOTES, notes.size());
        notes.subList(0, shown).forEach(out::println);
        if (shown < notes.size()) {
            out.println("note: so it is with " + (notes.size() - shown) + " other documents; --verbose names them");
        }
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
