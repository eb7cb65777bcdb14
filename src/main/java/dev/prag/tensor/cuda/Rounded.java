package dev.prag.tensor.cuda;

import dev.prag.tensor.Tensor;

/**
 * The bf16 copy of the tensor that a product reads next. Several products read the same one, and what makes the tensor
 * can write the copy in passing; so the last one is kept until the tensor is written again. Likewise it is known which
 * tensor's integers {@link Int8Products} holds.
 */
final class Rounded {
    private static final int THREADS = 256;

    private final Queue queue;
    private final Room room;
    /** Device addresses of the F32 elements that were rounded: [from, to). Empty where there is no copy. */
    private long from;

    private long to;
    /** The same of elements that were quantised, and their rows. */
    private long quantisedFrom;

    private long quantisedTo;
    private int quantisedRows;

    Rounded(Queue queue, MemoryPool pool) {
        this.queue = queue;
        this.room = new Room(pool);
    }

    /** Address of x's elements in bf16. */
    long of(Tensor x) {
        long address = Core.at(x);
        if (address != from || address + 4 * x.size() != to) {
            long rounded = room.atLeast(2 * x.size());
            queue.launch("rows", "to_bf16")
                    .grid(Math.ceilDiv(x.size(), THREADS))
                    .block(THREADS)
                    .pointer(rounded)
                    .pointer(address)
                    .longInteger(x.size())
                    .go();
            set(address, x.size());
            return rounded;
        }
        return room.atLeast(2 * x.size());
    }

    /** Where an operation that writes all of a tensor may write its elements in bf16, too; it must do so. */
    long beside(Tensor out) {
        long rounded = room.atLeast(2 * out.size());
        set(Core.at(out), out.size());
        return rounded;
    }

    private void set(long address, long size) {
        from = address;
        to = address + 4 * size;
    }

    /** The elements of an F32 tensor are about to change. */
    void written(long address, long bytes) {
        if (address < to && from < address + bytes) {
            from = 0;
            to = 0;
        }
        if (address < quantisedTo && quantisedFrom < address + bytes) {
            forgetQuantised();
        }
    }

    /** All of x was quantised, and its integers are kept. */
    void quantised(Tensor x) {
        quantisedFrom = Core.at(x);
        quantisedTo = quantisedFrom + 4 * x.size();
        quantisedRows = x.rows();
    }

    /** Whether the integers that are kept are those of x. */
    boolean isQuantised(Tensor x) {
        long address = Core.at(x);
        return address == quantisedFrom && address + 4 * x.size() == quantisedTo && x.rows() == quantisedRows;
    }

    void forgetQuantised() {
        quantisedFrom = 0;
        quantisedTo = 0;
        quantisedRows = 0;
    }

    void clear() {
        from = 0;
        to = 0;
        forgetQuantised();
    }
}
