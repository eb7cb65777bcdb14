package dev.prag.tensor.cuda;

/**
 * A launch of a kernel that is being put together, straight into the words of a queue: grid, block, then every argument
 * in order, then {@link #go}. One at a time; an argument of another type than the kernel's is an error at once.
 */
final class Launch {
    /** Words before the arguments. */
    static final int HEAD_WORDS = 7;

    private static final int MOST_THREADS = 1024;

    private final Queue queue;
    private final Commands commands;
    private Kernel kernel;
    private int start;
    private int arguments;

    Launch(Queue queue, Commands commands) {
        this.queue = queue;
        this.commands = commands;
    }

    Launch begin(Kernel next) {
        kernel = next;
        start = commands.length();
        arguments = 0;
        commands.add(Commands.KERNEL);
        commands.add(next.index());
        for (int i = 2; i < HEAD_WORDS; i++) {
            commands.add(i < HEAD_WORDS - 1 ? 1 : 0);
        }
        return this;
    }

    /** Blocks in each dimension; x may be up to 2^31-1, y and z up to 65,535. */
    Launch grid(long x, int y, int z) {
        commands.set(start + 2, Math.toIntExact(x));
        commands.set(start + 3, y);
        commands.set(start + 4, z);
        return this;
    }

    Launch grid(long x) {
        return grid(x, 1, 1);
    }

    Launch grid(long x, int y) {
        return grid(x, y, 1);
    }

    /** Threads of a block: a multiple of 32, up to 1,024. */
    Launch block(int threads) {
        if (threads % 32 != 0 || threads < 32 || threads > MOST_THREADS) {
            throw new IllegalArgumentException(kernel.name() + ": a block of " + threads + " threads");
        }
        commands.set(start + 5, threads);
        return this;
    }

    /** Bytes of dynamic shared memory, up to 48 KiB. */
    Launch shared(int bytes) {
        commands.set(start + 6, bytes);
        return this;
    }

    /** A pointer. */
    Launch pointer(long address) {
        return argument('l', address);
    }

    /** A long long. */
    Launch longInteger(long value) {
        return argument('l', value);
    }

    Launch integer(int value) {
        return argument('i', value & 0xffffffffL);
    }

    Launch number(float value) {
        return argument('f', Float.floatToRawIntBits(value) & 0xffffffffL);
    }

    private Launch argument(char type, long word) {
        String parameters = kernel.parameters();
        if (arguments >= parameters.length() || parameters.charAt(arguments) != type) {
            throw new IllegalStateException(kernel.name() + ": argument " + arguments + " is of type " + type
                    + " and its" + " parameters are " + parameters);
        }
        arguments++;
        commands.add(word);
        return this;
    }

    void go() {
        if (arguments != kernel.parameters().length()) {
            throw new IllegalStateException(kernel.name() + " has parameters " + kernel.parameters() + " and was given "
                    + arguments + " arguments");
        }
        queue.complete();
    }
}
