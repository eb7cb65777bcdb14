package dev.prag.extraction;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.SynchronousQueue;

/**
 * The process that reads files: it takes one request after the other from standard input, and ends with it. Whatever a
 * parser prints goes to standard error.
 */
public final class ExtractionMain {
    /** Parsers of nested formats recurse. */
    private static final long STACK = 16L << 20;
    /** The exit code after an error of the machine or of a parser. */
    private static final int FAILED = 4;

    private ExtractionMain() {}

    public static void main(String... args) {
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
        System.setOut(System.err);
        SynchronousQueue<Wire.Request> requests = new SynchronousQueue<>();
        Thread worker = new Thread(null, () -> work(requests, out), "extraction", STACK);
        worker.setDaemon(true);
        worker.start();
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)))) {
            while (true) {
                requests.put(Wire.Request.read(in));
            }
        } catch (IOException e) {
            // Whoever asks is gone, perhaps in the middle of a file.
            Runtime.getRuntime().halt(0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void work(SynchronousQueue<Wire.Request> requests, DataOutputStream out) {
        TikaReader reader = new TikaReader();
        try {
            while (true) {
                Wire.Request request = requests.take();
                try {
                    Wire.write(out, reader.read(request));
                } catch (RefusedException e) {
                    Wire.write(out, e);
                }
            }
        } catch (IOException e) {
            Runtime.getRuntime().halt(0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (OutOfMemoryError e) {
            // Thrown by a parser itself: the JVM ends by itself where it has none left.
            Runtime.getRuntime().halt(ExtractionProcess.OUT_OF_MEMORY);
        } catch (Error e) {
            // Nothing is certain any more; whoever asks starts another process.
            Runtime.getRuntime().halt(FAILED);
        }
    }
}
