package dev.prag.corpus;

/**
 * A passage and what its adapter is worth.
 *
 * @param documentId of a document that holds it
 * @param title of that document; may be null
 * @param passageId one of the passages with this text
 * @param position in the document, from 0
 * @param state {@link EncodingState#READY} or {@link EncodingState#WITHHELD}
 * @param adapterId null where the adapter was withheld
 * @param note why it was withheld, or what else is to be known; may be null
 */
public record MeasuredAdapter(
        String documentId,
        String title,
        String passageId,
        int position,
        String text,
        EncodingState state,
        String adapterId,
        String note,
        AdapterMeasure measure) {}
