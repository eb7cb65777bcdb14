package dev.prag.corpus;

/**
 * A passage and where it stands under the model and recipe that were asked for.
 *
 * @param position in its document, from 0
 * @param headings the titles of the sections it is in, joined by {@code " > "}; empty if none
 * @param page of its document that it begins on, from 1; null where there are no pages
 * @param adapterId null unless READY
 * @param note what the encoder wants known, such as augmentations that could not be had; null if nothing
 * @param error of the last attempt that failed; null if none
 */
public record PassageView(
        String id,
        int position,
        String headings,
        Integer page,
        String text,
        EncodingState state,
        String adapterId,
        String note,
        String error) {}
