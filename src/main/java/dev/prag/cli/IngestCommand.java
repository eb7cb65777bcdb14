package dev.prag.cli;

import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.CorpusConfig;
import dev.prag.corpus.Ingested;
import dev.prag.corpus.Intake;
import dev.prag.documents.DocumentFiles;
import dev.prag.documents.FileLimits;
import dev.prag.documents.PassedOverReport;
import dev.prag.documents.Readers;
import dev.prag.extraction.ExtractionConfig;
import dev.prag.extraction.Extractions;
import dev.prag.parameterization.ModelCheck;
import dev.prag.retrieval.PassageIndex;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads documents into the corpus. */
@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = {
            "Reads documents into the corpus and the index; prag encode then trains their adapters.",
            "",
            "jsonl, ndjson: a document a line, with the fields id, title, text, metadata, pairs and readers (only text is needed)."
                    + " txt, md, markdown, pdf, docx, pptx, xlsx, odt, html, epub, rtf, csv, tsv: a document a file,"
                    + " identified by its path. zip: a document a file in it. Each of them also as .gz. A folder: all"
                    + " such files below it, through links, too; what can't be read is passed over and told. A tsv whose"
                    + " first line is id, text, title, as that of DPR's Wikipedia: a passage a row, which is never cut."
                    + " -: JSON lines from standard input.",
            "",
            "The same document again changes nothing; a changed one gets new passages, and those whose text stayed"
                    + " keep their adapters. Of up to 500 documents of together 16 MB all are kept or none: a mistake anywhere"
                    + " leaves the corpus as it was. Of more the first ones are kept; the same call again goes on from"
                    + " there."
        })
@Dependent
@Unremovable
public class IngestCommand implements ServiceCommand {
    private static final int SHOWN_NOTES = 5;
    /** The exit code where the input is at fault. */
    private static final int REFUSED = 2;

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(
            names = "--keep-going",
            description =
                    "Go on where a file that is named, a line of JSON or a document is refused; what was refused is"
                            + " told at the end, and the exit code is 2.")
    boolean keepGoing;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Files, folders, or - for standard input.")
    List<String> paths;

    @Option(
            names = "--reader",
            paramLabel = "READER",
            description =
                    "Who may read the documents that name no readers themselves: a group, or user:NAME for a person;"
                            + " may be given several times. Default: everybody who may ask.")
    List<String> readers = List.of();

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

    @Inject
    ExtractionConfig extractionConfig;

    @Inject
    Extractions extractions;

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
        Tally tally = new Tally(options.verbose);
        Intake intake = corpus.intake(tally::add);
        List<String> given = Readers.checked("--reader", readers);
        List<UserException> refused = new ArrayList<>();
        Consumer<UserException> mistakes = mistake -> {
            if (!keepGoing) {
                throw mistake;
            }
            refused.add(mistake);
        };
        IngestProgress progress =
                new IngestProgress(ProgressReport.open(spec.commandLine().getErr(), "ingest"));
        DocumentFiles files = new DocumentFiles(
                FileLimits.of(config.maxDocumentBytes(), extractionConfig),
                extractions,
                document -> {
                    progress.add();
                    intake.addUnless(document.readers().isEmpty() ? document.readBy(given) : document, mistakes);
                },
                mistakes,
                progress);
        if (!keepGoing) {
            paths.stream().filter(path -> !path.equals("-")).forEach(DocumentFiles::check);
        }
        try (progress) {
            for (String path : paths) {
                if (path.equals("-")) {
                    files.lines(System.in, "standard input");
                } else {
                    files.read(path);
                }
            }
            intake.finish();
            index.catchUp();
        } catch (RuntimeException e) {
            if (intake.kept() > 0) {
                spec.commandLine()
                        .getErr()
                        .println("ingest: the first " + intake.kept() + " documents are in, and no other of this call;"
                                + " mend what follows and ingest the same again: what is in stays as it is");
            }
            throw e;
        }
        progress.rate().ifPresent(said -> spec.commandLine().getErr().println("ingest: " + said));
        PrintWriter out = spec.commandLine().getOut();
        out.println(tally.summary());
        PassedOverReport.lines(files.passedOver(), options.verbose).forEach(out::println);
        tally.notes().forEach(out::println);
        refused.forEach(mistake -> out.println("refused: " + mistake.getMessage()));
        out.flush();
        modelCheck.fault().ifPresent(fault -> spec.commandLine()
                .getErr()
                .println("ingest: the documents are kept, but the model can't be used: " + fault));
        return refused.isEmpty() ? 0 : REFUSED;
    }

    /** What became of the documents, in a sentence. */
    static String summary(List<Ingested> ingested) {
        Tally tally = new Tally(false);
        ingested.forEach(tally::add);
        return tally.summary();
    }

    /** Keeps count of what became of documents. */
    private static final class Tally {
        private final boolean verbose;
        private final Map<Ingested.Outcome, Long> counts = new EnumMap<>(Ingested.Outcome.class);
        private final List<String> notes = new ArrayList<>();
        private long unshown;
        private long documents;
        private long passages;

        Tally(boolean verbose) {
            this.verbose = verbose;
        }

        void add(Ingested one) {
            documents++;
            passages += one.passageIds().size();
            counts.merge(one.outcome(), 1L, Long::sum);
            for (String note : one.notes()) {
                if (verbose || notes.size() < SHOWN_NOTES) {
                    notes.add("note: " + one.documentId() + ": " + note);
                } else {
                    unshown++;
                }
            }
        }

        String summary() {
            return documents + " documents with " + passages + " passages: "
                    + counts.getOrDefault(Ingested.Outcome.ADDED, 0L) + " added, "
                    + counts.getOrDefault(Ingested.Outcome.CHANGED, 0L) + " changed, "
                    + counts.getOrDefault(Ingested.Outcome.UNCHANGED, 0L) + " unchanged";
        }

        List<String> notes() {
            List<String> lines = new ArrayList<>(notes);
            if (unshown > 0) {
                lines.add("note: so it is with " + unshown + " other documents; --verbose names them");
            }
            return lines;
        }
    }
}
