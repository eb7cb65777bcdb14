package dev.prag.rest;

import dev.prag.access.Audit;
import dev.prag.access.Principal;
import dev.prag.answering.Answer;
import dev.prag.corpus.Ingested;
import dev.prag.corpus.Ingested.Outcome;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Locale;

/** Tells the audit log what the faces do for callers: of answers by the event that each face fires. */
@ApplicationScoped
public class AuditTrail {
    @Inject
    Audit audit;

    void answered(@Observes Answered answered) {
        Answer answer = answered.answer();
        audit.answered(
                answered.caller(),
                answered.requestId(),
                answer.method(),
                answer.passages().stream()
                        .map(used ->
                                new Audit.Used(used.id(), used.through().name().toLowerCase(Locale.ROOT)))
                        .toList(),
                answer.promptTokens(),
                answer.tokens(),
                answer.question(),
                answer.text());
    }

    /** Documents came in; those that were there as they are, changed nothing. */
    public void ingested(Principal who, List<Ingested> documents) {
        changed(who, documents, Outcome.ADDED);
        changed(who, documents, Outcome.CHANGED);
    }

    private void changed(Principal who, List<Ingested> documents, Outcome outcome) {
        audit.changed(
                who,
                RequestIds.current(),
                outcome.name().toLowerCase(Locale.ROOT),
                documents.stream()
                        .filter(one -> one.outcome() == outcome)
                        .map(Ingested::documentId)
                        .toList());
    }

    /** A document was deleted. */
    public void deleted(Principal who, String documentId) {
        audit.changed(who, RequestIds.current(), "deleted", List.of(documentId));
    }
}
