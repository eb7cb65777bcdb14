package dev.prag.erasure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.prag.access.Principal;
import dev.prag.access.Role;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.answering.AnswerService;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.Deletion;
import dev.prag.corpus.Deletions;
import dev.prag.erasure.Receipt.Check;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import dev.prag.tuning.TuningFiles;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Deletes a document and sees to it that nothing of it is left: first in the database, from where on no answer begins
 * with it; then, when the answers of this process that were under way have ended, on the device, in the caches and in the
 * store. Each step may be done again; what a crash interrupts, the next look at the receipt goes on with.
 */
@ApplicationScoped
public class Erasure {
    private static final JsonMapper JSON =
            JsonMapper.builder().addModule(new JavaTimeModule()).build();
    private static final TypeReference<List<Check>> CHECKS = new TypeReference<>() {};
    private static final String EVERYWHERE = "all processes";
    private static final String HERE = "process " + ProcessHandle.current().pid();

    private final Corpus corpus;
    private final Deletions deletions;
    private final PassageIndex index;
    private final AdapterStore store;
    private final ModelRuntime runtime;
    private final AnswerService answers;
    private final TuningFiles tuning;
    private final Duration patience;

    /** @param patience how long a deletion waits for answers that are under way */
    @Inject
    Erasure(
            Corpus corpus,
            Deletions deletions,
            PassageIndex index,
            AdapterStore store,
            ModelRuntime runtime,
            AnswerService answers,
            TuningFiles tuning,
            @ConfigProperty(name = "prag.deletion.patience", defaultValue = "20s") Duration patience) {
        this.corpus = corpus;
        this.deletions = deletions;
        this.index = index;
        this.store = store;
        this.runtime = runtime;
        this.answers = answers;
        this.tuning = tuning;
        this.patience = patience;
    }

    /**
     * Deletes a document, and returns when nothing of it is left, or after a bounded time.
     *
     * @return the receipt; empty if the caller sees no document of that id
     */
    public Optional<Receipt> delete(String documentId, Principal caller) {
        if (!corpus.delete(documentId, caller)) {
            return Optional.empty();
        }
        return deletions.ofDocument(documentId).map(deletion -> complete(deletion, patience));
    }

    /**
     * Deletes documents, all or none, in a process that doesn't answer, and what tuning keeps of them in its home. The
     * receipts are verified when they are first asked for, by a process that answers.
     *
     * @return those of the ids that aren't in the corpus; if there are any, nothing was changed
     * @throws UserException if the documents are deleted, and what tuning keeps of them can't be
     */
    public List<String> deleteAll(Collection<String> documentIds) {
        List<String> missing = corpus.deleteAll(documentIds);
        if (missing.isEmpty()) {
            List<String> texts = documentIds.stream()
                    .flatMap(id -> deletions.ofDocument(id).stream())
                    .flatMap(deletion -> deletion.texts().stream())
                    .toList();
            if (tuning.forget(texts) > 0) {
                throw new UserException(
                        Kind.ENVIRONMENT,
                        "the documents are deleted, but not what tuning keeps of them in the folder tuning of the home:"
                                + " give write permission there, and delete it by hand");
            }
        }
        return missing;
    }

    /** The receipt, for whoever deleted the document and for administrators; what was left is looked at again. */
    public Optional<Receipt> receipt(String id, Principal caller) {
        return deletions
                .find(id)
                .filter(deletion -> caller.may(Role.ADMIN) || deletion.by().equals(caller.name()))
                .map(deletion -> deletion.verifiedAt() == null ? complete(deletion, Duration.ZERO) : receipt(deletion));
    }

    private Receipt complete(Deletion deletion, Duration most) {
        List<Check> checks = new ArrayList<>();
        long end = System.nanoTime() + most.toNanos();
        checks.add(underWay(deletion, most));
        checks.add(encoders(deletion));
        checks.add(prefixes(Duration.ofNanos(Math.max(0, end - System.nanoTime()))));
        List<String> unused = deletions.unused(deletion);
        checks.add(device(unused));
        checks.add(check("database", EVERYWHERE, deletions.rowsLeft(deletion), "rows of it"));
        checks.add(
                check("index", index(), index.count(deletions.goneOf(deletion)), "passages that searches still see"));
        deletions.removeNow(deletion);
        checks.add(check(
                "adapters",
                EVERYWHERE,
                store.statAll(unused).size(),
                "adapters in the store, which can't be deleted now, or which another process deletes"));
        checks.add(check(
                "copies", HERE, unused.stream().filter(store::isCached).count(), "copies of adapters in the hot tier"));
        checks.add(check(
                "tuning", HERE, tuning.forget(deletion.texts()), "samples of it in the home, which can't be deleted"));
        boolean isComplete = checks.stream().allMatch(check -> check.left() == 0);
        deletions.verified(deletion.id(), json(checks), isComplete);
        return deletions.find(deletion.id()).map(Erasure::receipt).orElseThrow();
    }

    private Check underWay(Deletion deletion, Duration most) {
        try {
            return check(
                    "answers",
                    HERE,
                    answers.awaitUnderWay(deletion.passages(), most),
                    "answers that had begun before, and go on");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return check("answers", HERE, 1, "answers that nobody waited for");
        }
    }

    /** What encoders were at: they can't keep it, and what they had just stored is deleted after a while. */
    private static Check encoders(Deletion deletion) {
        boolean isOver = Instant.now().isAfter(deletion.at().plus(Deletions.ENCODERS));
        return check(
                "encoders",
                EVERYWHERE,
                isOver ? 0 : deletion.underWay(),
                "texts that an encoder was at; what it makes of them is deleted when it is done");
    }

    /** What was computed of prompts and adapters. */
    private Check prefixes(Duration most) {
        boolean done = runtime.openedEngine()
                .map(engine -> {
                    try {
                        engine.forget().get(Math.max(1000, most.toMillis()), TimeUnit.MILLISECONDS);
                        return true;
                    } catch (TimeoutException | ExecutionException e) {
                        return false;
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return false;
                    }
                })
                .orElse(true);
        return check("prefixes", HERE, done ? 0 : 1, "step of the engine, behind which its caches are emptied");
    }

    private Check device(List<String> adapters) {
        int used = runtime.openedAdapters()
                .map(resident -> resident.remove(new HashSet<>(adapters)))
                .orElse(0);
        return check("device", HERE, used, "adapters that an answer uses");
    }

    private String index() {
        return index.isShared() ? EVERYWHERE : HERE;
    }

    private static Check check(String what, String where, long left, String why) {
        return new Check(what, where, Instant.now(), left, left == 0 ? null : left + " " + why);
    }

    private static Receipt receipt(Deletion deletion) {
        List<Check> checks = checks(deletion.checks());
        List<String> left = new ArrayList<>();
        checks.stream()
                .filter(check -> check.left() > 0)
                .forEach(check -> left.add(check.what() + " (" + check.where() + "): " + check.why()));
        return new Receipt(
                deletion.id(),
                deletion.documentHash(),
                deletion.contentHash(),
                deletion.passages(),
                deletion.texts(),
                deletion.adapters(),
                deletion.by(),
                deletion.at(),
                deletion.verifiedAt(),
                checks,
                left);
    }

    private static List<Check> checks(String json) {
        try {
            return JSON.readValue(json, CHECKS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String json(List<Check> checks) {
        try {
            return JSON.writeValueAsString(checks);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
