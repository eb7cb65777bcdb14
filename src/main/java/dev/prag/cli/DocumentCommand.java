package dev.prag.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.access.Principal;
import dev.prag.base.ExactJson;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.DocumentListing;
import dev.prag.corpus.DocumentPage;
import dev.prag.corpus.DocumentQuery;
import dev.prag.corpus.DocumentSummary;
import dev.prag.corpus.DocumentView;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.PassageView;
import dev.prag.erasure.Erasure;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.FilterText;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag document}. */
@Command(
        name = "document",
        mixinStandardHelpOptions = true,
        description = {"List, show, delete and cut again what was ingested.", ""},
        subcommands = {
            DocumentCommand.ListCommand.class,
            DocumentCommand.ShowCommand.class,
            DocumentCommand.DeleteCommand.class,
            DocumentCommand.ReindexCommand.class
        })
public class DocumentCommand {
    private static final JsonMapper JSON = ExactJson.builder().build();

    private static UserException missing(List<String> ids) {
        return new UserException(
                UserException.Kind.NOT_FOUND,
                (ids.size() == 1 ? "document " : "documents ")
                        + ids.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(", "))
                        + (ids.size() == 1 ? " is" : " are")
                        + " not in the corpus, and nothing was changed; `prag document list` shows the ids");
    }

    /** {@code prag document list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "List documents in the order in which they came; those that --state, --title or --filter choose with the"
                        + " newest first.",
                ""
            })
    @Dependent
    @Unremovable
    public static class ListCommand implements SharingCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Option(names = "--limit", paramLabel = "N", description = "Show at most N. Default: 100.")
        int limit = 100;

        @Option(names = "--skip", paramLabel = "N", description = "Leave out the first N.")
        int skip;

        @Option(
                names = "--state",
                paramLabel = "STATE",
                description = "Only those of which a passage is in this state under the model and recipe in force:"
                        + " ${COMPLETION-CANDIDATES}.")
        EncodingState state;

        @Option(
                names = "--title",
                paramLabel = "WORDS",
                description = "Only those whose title has these words, or words that begin so.")
        String title;

        @Option(
                names = "--filter",
                paramLabel = "KEY=VALUE",
                description =
                        "Only those of which this holds, with a path of their metadata or @document (an id) as key."
                                + " Several have to hold all, but of several with the same key one suffices.")
        List<String> filter = List.of();

        @Option(names = "--json", description = "As one line of JSON.")
        boolean json;

        @Spec
        CommandSpec spec;

        @Inject
        Corpus corpus;

        @Inject
        DocumentListing listing;

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
            if (limit < 1 || skip < 0) {
                throw new UserException("--limit " + limit + " --skip " + skip
                        + " shows nothing; give a limit of 1 or more, and skip 0 or more");
            }
            boolean chosen = state != null || title != null || !filter.isEmpty();
            List<DocumentSummary> documents = chosen ? chosen() : corpus.list(skip, limit);
            long all = chosen && documents.size() < limit ? documents.size() : corpus.documents();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                ObjectNode node = JSON.createObjectNode().put("count", all);
                node.set("documents", toJson(documents));
                out.println(node);
            } else {
                documents.forEach(document -> out.printf(
                        Locale.ROOT,
                        "%s  %d passages  %s%n",
                        document.id(),
                        document.passages(),
                        StatusCommand.titled(document.title())));
                out.println(
                        documents.size() == all ? all + " documents" : documents.size() + " of " + all + " documents");
            }
            out.flush();
            return 0;
        }

        /** Those that the options choose, behind the first that are to be left out. */
        private List<DocumentSummary> chosen() {
            Map<String, Object> values = filter.isEmpty() ? null : FilterText.parse(filter);
            String recipe = recipes.current().hash();
            List<DocumentSummary> found = new ArrayList<>();
            String after = null;
            do {
                DocumentPage page = listing.list(
                        new DocumentQuery(DocumentQuery.MOST, after, state, title, values),
                        Principal.LOCAL,
                        runtime.modelId(),
                        recipe);
                page.documents()
                        .forEach(row -> found.add(new DocumentSummary(
                                row.id(), row.title(), row.source(), row.passages(), row.updatedAt())));
                after = page.next();
            } while (after != null && found.size() < skip + limit);
            return found.subList(Math.min(skip, found.size()), Math.min(skip + limit, found.size()));
        }

        private static ArrayNode toJson(List<DocumentSummary> documents) {
            ArrayNode list = JSON.createArrayNode();
            for (DocumentSummary document : documents) {
                list.addObject()
                        .put("id", document.id())
                        .put("title", document.title())
                        .put("source", document.source())
                        .put("passages", document.passages())
                        .put("updatedAt", document.updatedAt().toString());
            }
            return list;
        }
    }

    /** {@code prag document show}. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = {
                "Show a document: its passages, and where each stands under the model and recipe in force.",
                ""
            })
    @Dependent
    @Unremovable
    public static class ShowCommand implements SharingCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Parameters(index = "0", paramLabel = "ID", description = "The document's id.")
        String id;

        @Option(names = "--json", description = "As one line of JSON.")
        boolean json;

        @Spec
        CommandSpec spec;

        @Inject
        Corpus corpus;

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
            DocumentView document =
                    corpus.get(id, runtime.modelId(), recipes.current().hash()).orElseThrow(() -> missing(List.of(id)));
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(toJson(document));
            } else {
                out.println("Id         " + document.id());
                out.println("Title      " + StatusCommand.titled(document.title()));
                if (document.source() != null) {
                    out.println("Source     " + document.source());
                }
                if (!document.metadata().isEmpty()) {
                    out.println("Metadata   " + JSON.valueToTree(document.metadata()));
                }
                if (!document.readers().isEmpty()) {
                    out.println("Readers    " + String.join(", ", document.readers()));
                }
                out.println("Changed    " + document.updatedAt());
                document.passages().forEach(passage -> print(out, passage));
            }
            out.flush();
            return 0;
        }

        private static void print(PrintWriter out, PassageView passage) {
            out.println();
            out.println("Passage " + (passage.position() + 1) + "  " + passage.state()
                    + (passage.page() == null ? "" : "  page " + passage.page())
                    + (passage.headings().isEmpty() ? "" : "  " + passage.headings()));
            if (passage.note() != null) {
                out.println("note: " + passage.note());
            }
            if (passage.error() != null) {
                out.println("error: " + passage.error());
            }
            out.println(passage.text());
        }

        private static ObjectNode toJson(DocumentView document) {
            ObjectNode node = JSON.createObjectNode();
            node.put("id", document.id()).put("title", document.title()).put("source", document.source());
            node.set("metadata", JSON.valueToTree(document.metadata()));
            node.set("readers", JSON.valueToTree(document.readers()));
            node.put("createdAt", document.createdAt().toString());
            node.put("updatedAt", document.updatedAt().toString());
            ArrayNode passages = node.putArray("passages");
            for (PassageView passage : document.passages()) {
                passages.addObject()
                        .put("id", passage.id())
                        .put("position", passage.position())
                        .put("headings", passage.headings())
                        .put("page", passage.page())
                        .put("text", passage.text())
                        .put("state", passage.state().name())
                        .put("adapterId", passage.adapterId())
                        .put("note", passage.note())
                        .put("error", passage.error());
            }
            return node;
        }
    }

    /** {@code prag document delete}. */
    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = {
                "Delete documents, all or none: their passages, the index entries, and the adapters that no other passage"
                        + " uses.",
                ""
            })
    @Dependent
    @Unremovable
    public static class DeleteCommand implements ServiceCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Parameters(arity = "1..*", paramLabel = "ID", description = "Ids of documents, whole and exact.")
        List<String> ids;

        @Spec
        CommandSpec spec;

        @Inject
        Erasure erasure;

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
            Set<String> unique = new LinkedHashSet<>(ids);
            List<String> missing = erasure.deleteAll(unique);
            if (!missing.isEmpty()) {
                throw missing(missing);
            }
            spec.commandLine().getOut().println(unique.size() + " documents deleted");
            spec.commandLine().getOut().flush();
            return 0;
        }
    }

    /** {@code prag document reindex}. */
    @Command(
            name = "reindex",
            mixinStandardHelpOptions = true,
            description = {
                "Cut documents into passages again, as this version of the program cuts them. Passages whose text stays keep"
                        + " their adapters.",
                ""
            })
    @Dependent
    @Unremovable
    public static class ReindexCommand implements ServiceCommand {
        private static final int SHOWN = 10;

        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Parameters(arity = "0..*", paramLabel = "ID", description = "Ids of documents. Default: all.")
        List<String> ids;

        @Spec
        CommandSpec spec;

        @Inject
        Corpus corpus;

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
            List<String> all = corpus.ids();
            Set<String> chosen = new LinkedHashSet<>(ids == null ? all : ids);
            if (ids != null) {
                Set<String> there = new HashSet<>(all);
                List<String> missing =
                        chosen.stream().filter(id -> !there.contains(id)).toList();
                if (!missing.isEmpty()) {
                    throw missing(missing);
                }
            }
            Corpus.Recut recut = corpus.recut(chosen);
            PrintWriter out = spec.commandLine().getOut();
            out.println(recut.documents() + " documents cut again: " + recut.changed() + " changed, "
                    + (recut.documents() - recut.changed()) + " unchanged");
            List<String> old = recut.withoutText();
            if (!old.isEmpty()) {
                out.println(old.size() + " documents were ingested before their texts were kept; their passages stay as"
                        + " they are until they are ingested again:");
                int shown = options.verbose ? old.size() : Math.min(SHOWN, old.size());
                old.subList(0, shown).forEach(id -> out.println("  " + id));
                if (shown < old.size()) {
                    out.println("  and " + (old.size() - shown) + " others; --verbose names them");
                }
            }
            out.flush();
            return 0;
        }
    }
}
