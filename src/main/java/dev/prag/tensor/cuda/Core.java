package dev.prag.tensor.cuda;

import dev.prag.tensor.Tensor;

/**
 * What the operations of a device share.
 *
 * @param rounded bf16 copies for products
 */
record Core(CudaContext context, MemoryPool pool, Queue queue, Rounded rounded) {
    /** Threads of a block where nothing speaks for another number. */
    static final int THREADS = 256;

    /** Columns of a row that a block takes where a row is more than that. */
    static final int COLUMNS = 1024;

    /** Address of a tensor's first element; 0 for null. */
    static long at(Tensor tensor) {
        return tensor == null
                ? 0
                : ((CudaMemory) tensor.memory()).address()
                        + tensor.offset() * tensor.dtype().bytes();
    }

    /** Address of a tensor's first element, which is about to be written: every output's address comes from here. */
    long out(Tensor tensor) {
        if (tensor == null) {
            return 0;
        }
        long address = at(tensor);
        rounded.written(address, tensor.size() * tensor.dtype().bytes());
        return address;
    }

    Launch launch(String family, String kernel) {
        return queue.launch(family, kernel);
    }

    /** A launch with a thread for each of n elements. */
    Launch elements(String family, String kernel, long n) {
        return queue.launch(family, kernel).grid(Math.ceilDiv(n, THREADS)).block(THREADS);
    }

    /** A launch with a block for each row. */
    Launch rows(String family, String kernel, int rows) {
        return queue.launch(family, kernel).grid(rows).block(THREADS);
    }

    /** A launch with a block for up to {@link #COLUMNS} columns of each row. */
    Launch columns(String family, String kernel, int rows, int columns) {
        return queue.launch(family, kernel)
                .grid(rows, Math.ceilDiv(columns, COLUMNS))
                .block(THREADS);
    }
}
