package dev.prag.tensor.cuda;

import java.lang.foreign.MemorySegment;

/**
 * The commands of a device, in order. Each is issued when it is complete, unless a recording is under way: then all are
 * gathered, and at its end run at once. Its owner's lock guards it.
 */
final class Queue {
    private final Kernels kernels;
    private final Metadata metadata;
    private final Staging staging;
    private final Issuer issuer;
    /** Null where recordings are issued command by command. */
    private final Graphs graphs;

    private final Commands commands = new Commands();
    private final Launch launch = new Launch(this, commands);
    private boolean recording;

    Queue(Kernels kernels, Metadata metadata, Staging staging, Issuer issuer, Graphs graphs) {
        this.kernels = kernels;
        this.metadata = metadata;
        this.staging = staging;
        this.issuer = issuer;
        this.graphs = graphs;
    }

    /** To be called at the beginning of every operation. */
    void beginOperation() {
        if (!recording) {
            commands.clear();
            metadata.clear();
        }
    }

    /** Tables for the kernels of this operation. */
    Metadata metadata() {
        return metadata;
    }

    /**
     * A launch, to be filled.
     *
     * @param family the kernel's file
     */
    Launch launch(String family, String kernel) {
        return launch.begin(kernels.get(family, kernel));
    }

    void copy(long destination, long source, long bytes) {
        commands.add(Commands.COPY);
        commands.add(destination);
        commands.add(source);
        commands.add(bytes);
        complete();
    }

    /** Writes a word of 32 bits so many times. */
    void fill(long destination, int word, long count) {
        commands.add(Commands.FILL);
        commands.add(destination);
        commands.add(word);
        commands.add(count);
        complete();
    }

    void product(Product product) {
        product.encode(commands);
        complete();
    }

    /** Host memory to the device, in its order among the commands. */
    void upload(long destination, MemorySegment source) {
        if (recording) {
            Metadata.Table table = metadata.reserve(source.byteSize());
            table.copyFrom(source);
            copy(destination, table.address(), source.byteSize());
        } else {
            staging.upload(destination, source);
        }
    }

    /** Device memory to the host; waits for everything before it, also for what was recorded so far. */
    void download(MemorySegment destination, long source) {
        if (recording) {
            run();
        }
        staging.download(destination, source);
    }

    /** The command that was added last is whole. */
    void complete() {
        if (!recording) {
            metadata.upload();
            issuer.issue(commands);
            commands.clear();
        }
    }

    boolean isRecording() {
        return recording;
    }

    void beginRecording() {
        commands.clear();
        metadata.clear();
        recording = true;
    }

    /** Runs what was recorded. */
    void endRecording() {
        try {
            run();
        } finally {
            recording = false;
        }
    }

    /** Forgets what was recorded. */
    void dropRecording() {
        commands.clear();
        recording = false;
    }

    private void run() {
        if (commands.length() == 0) {
            return;
        }
        metadata.upload();
        if (graphs == null) {
            issuer.issue(commands);
        } else {
            graphs.run(commands);
        }
        commands.clear();
        metadata.clear();
    }
}
