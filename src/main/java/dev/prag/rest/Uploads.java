package dev.prag.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.access.Principal;
import dev.prag.base.BusyException;
import dev.prag.base.ExactJson;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.CorpusConfig;
import dev.prag.corpus.Ingested;
import dev.prag.corpus.Intake;
import dev.prag.documents.DocumentInput;
import dev.prag.documents.FileLimits;
import dev.prag.documents.FileReading;
import dev.prag.documents.NamedFile;
import dev.prag.documents.PassedOver;
import dev.prag.documents.Readers;
import dev.prag.extraction.ExtractionConfig;
import dev.prag.extraction.Extractions;
import dev.prag.rest.Accepted.Refused;
import dev.prag.rest.MultipartBody.Part;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Takes files that were sent into the corpus: each is read or refused on its own. */
@Singleton
final class Uploads {
    private static final JsonMapper JSON = ExactJson.builder().build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final int TOLD = 5;

    private final Corpus corpus;
    private final FileLimits limits;
    private final Extractions extractions;
    private final AuditTrail audit;

    @Inject
    Uploads(
            Corpus corpus,
            CorpusConfig config,
            ExtractionConfig extractionConfig,
            Extractions extractions,
            AuditTrail audit) {
        this.audit = audit;
        this.corpus = corpus;
        this.limits = FileLimits.of(config.maxDocumentBytes(), extractionConfig);
        this.extractions = extractions;
    }

    /**
     * Keeps the documents of the files that can be read.
     *
     * @param caller who sent them
     * @throws UserException if that is none of them, or a field is wrong
     */
    Accepted take(MultipartBody body, Principal caller) {
        if (body.files().isEmpty()) {
            throw new UserException("the request has no file; send each as a part named file, with a file name");
        }
        UnaryOperator<DocumentInput> fields = fields(body);
        List<Ingested> ingested = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        Intake intake = corpus.intake(ingested::add, caller);
        Set<String> names = new HashSet<>();
        for (Part part : body.files()) {
            if (names.add(part.name())) {
                take(part, fields, intake, refused);
            } else {
                refused.add(new Refused(part.name(), "another file of this name came before it; send one by one"));
            }
        }
        intake.finish();
        audit.ingested(caller, ingested);
        if (ingested.isEmpty()) {
            throw new UserException(refused.stream()
                            .limit(TOLD)
                            .map(one -> one.name() + ": " + one.reason())
                            .collect(Collectors.joining("; "))
                    + (refused.size() > TOLD ? "; and " + (refused.size() - TOLD) + " more" : ""));
        }
        return Accepted.of(ingested, refused);
    }

    private void take(Part part, UnaryOperator<DocumentInput> fields, Intake intake, List<Refused> refused) {
        // Handed over when the file is through: one with a mistake is refused whole.
        List<DocumentInput> documents = new ArrayList<>();
        List<PassedOver> passedOver = new ArrayList<>();
        try {
            Path name = Path.of(part.name());
            if (name.getFileName() == null) {
                throw new InvalidPathException(part.name(), "no name");
            }
            if (!FileReading.reads(name)) {
                refused.add(new Refused(part.name(), "is not read: its kind is none of " + FileReading.kinds()));
                return;
            }
            PassedOver problem = new FileReading(limits, extractions, documents::add, passedOver::add)
                    .read(new NamedFile(part.content(), part.name(), name, part.name(), null));
            if (problem != null) {
                passedOver.add(problem);
            }
        } catch (InvalidPathException e) {
            refused.add(new Refused(part.name(), "has a name that is none; rename it"));
            return;
        } catch (BusyException e) {
            throw e;
        } catch (UserException e) {
            if (e.kind() == UserException.Kind.ENVIRONMENT) {
                throw e;
            }
            refused.add(new Refused(part.name(), e.getMessage()));
            return;
        }
        passedOver.forEach(one -> refused.add(new Refused(
                one.path(), one.reason() == null ? "is " + one.kind().words() : one.reason())));
        documents.forEach(document -> intake.addUnless(
                fields.apply(document), mistake -> refused.add(new Refused(part.name(), mistake.getMessage()))));
    }

    /** What the fields of the request say of its documents. */
    private static UnaryOperator<DocumentInput> fields(MultipartBody body) {
        String title = body.one("title");
        if (title != null && body.files().size() > 1) {
            throw new UserException("the field title is that of one file, and "
                    + body.files().size() + " were sent; send them one by one, or leave it out");
        }
        String ids = body.one("ids");
        if (ids != null && !ids.equals("name") && !ids.equals("hash")) {
            throw new UserException("the field ids is \"" + ids + "\"; give name or hash, or leave it out");
        }
        Map<String, Object> metadata = metadata(body.one("metadata"));
        List<String> readers = Readers.checked("the request", body.all("readers"));
        return document -> {
            Map<String, Object> all = new LinkedHashMap<>(document.metadata());
            all.putAll(metadata);
            return new DocumentInput(
                    document.id(),
                    title == null ? document.title() : title,
                    document.text(),
                    all,
                    "hash".equals(ids) ? null : document.source(),
                    document.pairs(),
                    document.pages(),
                    document.notes(),
                    document.readers().isEmpty() ? readers : document.readers());
        };
    }

    private static Map<String, Object> metadata(String json) {
        if (json == null) {
            return Map.of();
        }
        try {
            return JSON.readValue(json, OBJECT);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, "the field metadata is not a JSON object: " + JsonMistake.said(e), e);
        }
    }
}
