package dev.prag.corpus;

import java.io.IOException;
import java.util.Collection;

/** Where what is derived from documents reads their passages. */
@FunctionalInterface
public interface PassageSource {
    /** Takes passages of a document. */
    @FunctionalInterface
    interface Sink {
        void take(DocumentPassages passages) throws IOException;
    }

    /**
     * Hands over the passages of those of the documents that are there, some at a time, those of one document after the
     * other and in their order.
     *
     * @throws IOException that the sink throws
     */
    void read(Collection<String> documentIds, Sink sink) throws IOException;

    /** The same passages without the questions that are asked of them. */
    default PassageSource withoutQuestions() {
        return (documentIds, sink) -> read(
                documentIds,
                document -> sink.take(new DocumentPassages(
                        document.documentId(),
                        document.metadata(),
                        document.readers(),
                        document.passages().stream()
                                .map(PassageText::withoutQuestions)
                                .toList())));
    }
}
