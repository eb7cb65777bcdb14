package dev.prag.tensor.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Small tables that operations hand to their kernels: rows of spans, block tables, places of adapters. They are drafted
 * here and brought to the device before the commands that read them, at addresses that are the same whenever the same
 * operations reserve the same sizes in the same order: so kernels' arguments stay as they are from step to step.
 */
final class Metadata {
    private static final int ALIGNMENT = 16;

    private final Staging staging;
    private final MemorySegment draft;
    private final long device;
    private long reserved;
    private long uploaded;
    private long epoch;

    Metadata(MemoryPool pool, Staging staging, long bytes) {
        this.staging = staging;
        draft = Arena.ofAuto().allocate(bytes, ALIGNMENT);
        device = pool.take(bytes);
    }

    /** Begins anew: what was reserved may be written over by what is queued from here on. */
    void clear() {
        reserved = 0;
        uploaded = 0;
        epoch++;
    }

    /** Tables hold as long as this stays the same. */
    long epoch() {
        return epoch;
    }

    /**
     * Room for a table.
     *
     * @param bytes how large it may become; for the address of what follows to stay, the same from step to step
     */
    Table reserve(long bytes) {
        long at = reserved;
        reserved += Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
        if (reserved > draft.byteSize()) {
            throw new IllegalArgumentException("an operation's tables need " + reserved + " bytes, and have room for "
                    + draft.byteSize() + ": give it fewer rows at once");
        }
        return new Table(draft.asSlice(at, bytes), device + at);
    }

    /** Room for integers, and these in it. */
    long ints(int[] values) {
        Table table = reserve(Math.max(1, values.length) * 4L);
        for (int value : values) {
            table.add(value);
        }
        return table.address();
    }

    /** Queues the copy of what was drafted since the last one. */
    void upload() {
        if (uploaded < reserved) {
            staging.upload(device + uploaded, draft.asSlice(uploaded, reserved - uploaded));
            uploaded = reserved;
        }
    }

    /** A table that is being drafted; on the device once {@link #upload} was called. */
    static final class Table {
        private final MemorySegment draft;
        private final long address;
        private long at;

        private Table(MemorySegment draft, long address) {
            this.draft = draft;
            this.address = address;
        }

        /** Its address on the device. */
        long address() {
            return address;
        }

        Table add(int value) {
            draft.set(ValueLayout.JAVA_INT, at, value);
            at += 4;
            return this;
        }

        Table add(float value) {
            draft.set(ValueLayout.JAVA_FLOAT, at, value);
            at += 4;
            return this;
        }

        /** 64 bits, which must lie at a multiple of 8 bytes. */
        Table add(long value) {
            draft.set(ValueLayout.JAVA_LONG, at, value);
            at += 8;
            return this;
        }

        void copyFrom(MemorySegment source) {
            draft.copyFrom(source);
        }

        /** Goes on at this byte of the table. */
        Table at(long position) {
            at = position;
            return this;
        }
    }
}
