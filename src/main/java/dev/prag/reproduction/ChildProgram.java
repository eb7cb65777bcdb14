package dev.prag.reproduction;

import dev.prag.base.ThisProgram;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs the program in a process of its own, which ends when this one is told to end. Where this one was killed, its child
 * still has the home: a file tells the next call which it is.
 */
final class ChildProgram implements Program {
    /** How long a child may take to write down what it has. */
    private static final long GRACE_SECONDS = 60;

    private final List<String> program;
    private final Path note;
    private Process child;
    private boolean ending;

    /**
     * @param program what starts it, before its own arguments
     * @param note file that names the child while it runs
     */
    ChildProgram(List<String> program, Path note) {
        this.program = List.copyOf(program);
        this.note = note;
    }

    /** This very program. */
    static ChildProgram ofThis(Path note) {
        return new ChildProgram(ThisProgram.command(), note);
    }

    @Override
    public int run(List<String> arguments, Path out, Path log) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(Redirect.appendTo(log.toFile()));
        // The paper's systems retrieve by what passages say.
        builder.environment().putIfAbsent("PRAG_RETRIEVAL_QUESTIONS", "false");
        Thread end = new Thread(this::end, "end of the child");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            Process started = start(builder);
            Files.writeString(note, named(started.toHandle()));
            int exit = started.waitFor();
            awaitTheEnd();
            return exit;
        } finally {
            Files.deleteIfExists(note);
            forget(end);
        }
    }

    private synchronized Process start(ProcessBuilder builder) throws IOException, InterruptedException {
        awaitTheEnd();
        child = builder.start();
        return child;
    }

    /** Where this process is ending, its child's end is no failure: nothing more is to be said. */
    private synchronized void awaitTheEnd() throws InterruptedException {
        while (ending) {
            wait();
        }
    }

    private void end() {
        Process running;
        synchronized (this) {
            ending = true;
            running = child;
        }
        if (running != null) {
            end(running.toHandle());
        }
    }

    private void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // This process is ending, and the hook is at work.
        }
    }

    /** First as it is told to by its user, then by force. */
    private static void end(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().orTimeout(GRACE_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof TimeoutException) {
                process.destroyForcibly();
            }
        }
    }

    /**
     * Ends the child of an earlier process that was killed, if it still runs: what it has done is kept.
     *
     * @return its process; empty if none runs
     */
    static Optional<Long> endOrphan(Path note) throws IOException {
        String[] named;
        try {
            named = Files.readString(note).strip().split(" ");
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Optional<ProcessHandle> orphan = named[0].matches("\\d+")
                ? ProcessHandle.of(Long.parseLong(named[0]))
                        .filter(process -> named(process).equals(String.join(" ", named)))
                : Optional.empty();
        orphan.ifPresent(ChildProgram::end);
        Files.deleteIfExists(note);
        return orphan.map(ProcessHandle::pid);
    }

    /** A process and when it began, as its number may be another's later. */
    private static String named(ProcessHandle process) {
        return process.pid() + " "
                + process.info().startInstant().map(Instant::toString).orElse("");
    }
}
