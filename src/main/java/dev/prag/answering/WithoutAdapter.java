package dev.prag.answering;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.prag.corpus.EncodingState;
import dev.prag.runtime.AdapterAbsence;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Locale;

/** Why the adapter of a passage isn't in force. */
@RegisterForReflection
public enum WithoutAdapter {
    PENDING("passage %s has no adapter yet and"),
    ENCODING("passage %s has no adapter yet (an encoder is at it) and"),
    FAILED("passage %s could not be encoded (`prag status` says why) and"),
    WITHHELD("the adapter of passage %s was withheld, as it is below the bounds of the recipe (`prag adapter report`"
            + " says more): the passage"),
    MISSING("the adapter of passage %s is missing in the store (`prag adapter check` says more): the passage"),
    DAMAGED("the adapter of passage %s was damaged in the store (`prag adapter check` says more): the passage"),
    UNREADABLE("the adapter of passage %s can't be read for now: the passage"),
    UNUSABLE("the adapter of passage %s can't be used (%s): the passage"),
    FULL(
            "the adapter of passage %s has no room beside the others of this answer (prag.adapters.resident-mib): the passage"),
    TOO_LARGE("the adapter of passage %s is larger than the memory for adapters (prag.adapters.resident-mib): the"
            + " passage");

    private final String sentence;

    WithoutAdapter(String sentence) {
        this.sentence = sentence;
    }

    /** Of a passage that isn't ready. */
    static WithoutAdapter of(EncodingState state) {
        return switch (state) {
            case LEASED -> ENCODING;
            case FAILED -> FAILED;
            case WITHHELD -> WITHHELD;
            // One that became ready just now wasn't when it was asked for.
            case PENDING, READY -> PENDING;
        };
    }

    static WithoutAdapter of(AdapterAbsence absence) {
        return switch (absence) {
            case MISSING -> MISSING;
            case DAMAGED -> DAMAGED;
            case UNREADABLE -> UNREADABLE;
            case UNUSABLE -> UNUSABLE;
            case FULL -> FULL;
            case TOO_LARGE -> TOO_LARGE;
        };
    }

    /** As JSON has it. */
    @JsonValue
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The beginning of a sentence about the passage, to be continued with what becomes of it. */
    String sentence(String passageId, String detail) {
        return sentence.formatted(passageId, detail);
    }
}
