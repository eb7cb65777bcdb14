package dev.prag.tensor.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The device's threads: the caller and {@code threads - 1} dedicated daemon threads, which run one job at a time. A
 * thread that waits spins for some microseconds, because the next job of a forward pass mostly comes at once, and then
 * parks. Only one caller at a time.
 */
final class Pool implements AutoCloseable {
    /** Work of one slot: every slot in [0, threads) is called once, 0 by the caller. */
    interface Slots {
        void run(int slot);
    }

    /** Work on the elements [from, to). */
    interface Range {
        void run(int from, int to);
    }

    /** One task out of many; slot says whose scratch to use. */
    interface Task {
        void run(int task, int slot);
    }

    private static final long SPIN_NANOS = 100_000;
    /** How often a caller that waits looks whether anybody is left to wait for. */
    private static final long PARK_NANOS = 100_000_000;

    private final int threads;
    private final Thread[] workers;
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicInteger next = new AtomicInteger();
    private volatile int epoch;
    private volatile boolean closed;
    private volatile Thread waiting;
    private volatile Throwable failure;
    private Slots job;

    Pool(int threads) {
        this.threads = threads;
        workers = new Thread[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            int slot = i + 1;
            workers[i] = new Thread(() -> work(slot), "prag-cpu-" + slot);
            workers[i].setDaemon(true);
            workers[i].start();
        }
    }

    int threads() {
        return threads;
    }

    /**
     * Runs the job in all slots and waits for all.
     *
     * @throws IllegalStateException if the pool was closed, before or meanwhile
     */
    void all(Slots slots) {
        requireOpen();
        if (threads == 1) {
            slots.run(0);
            return;
        }
        job = slots;
        pending.set(workers.length);
        epoch++;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
        Throwable own = null;
        try {
            slots.run(0);
        } catch (Throwable t) {
            own = t;
        }
        if (!await()) {
            throw closedError();
        }
        Throwable thrown = own != null ? own : failure;
        failure = null;
        job = null;
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
    }

    /** Cuts [0, n) into one range for each thread, where each gets at least {@code grain} elements. */
    void ranges(int n, int grain, Range range) {
        int parts = Math.clamp(n / Math.max(1, grain), 1, threads);
        if (parts == 1) {
            range.run(0, n);
            return;
        }
        all(slot -> {
            if (slot < parts) {
                int from = (int) ((long) n * slot / parts);
                int to = (int) ((long) n * (slot + 1) / parts);
                range.run(from, to);
            }
        });
    }

    /** Runs the tasks [0, n), each taken by the thread that is free first; all by the caller unless {@code worthwhile}. */
    void tasks(int n, boolean worthwhile, Task task) {
        if (n == 1 || threads == 1 || !worthwhile) {
            for (int i = 0; i < n; i++) {
                task.run(i, 0);
            }
            return;
        }
        next.set(0);
        all(slot -> {
            for (int i = next.getAndIncrement(); i < n; i = next.getAndIncrement()) {
                task.run(i, slot);
            }
        });
    }

    private void requireOpen() {
        if (closed) {
            throw closedError();
        }
    }

    private static IllegalStateException closedError() {
        return new IllegalStateException("the device was closed");
    }

    /** Whether the job has ended; not where the pool's threads ended first. */
    private boolean await() {
        if (pending.get() == 0) {
            return true;
        }
        long deadline = System.nanoTime() + SPIN_NANOS;
        while (pending.get() != 0) {
            Thread.onSpinWait();
            if (System.nanoTime() > deadline) {
                waiting = Thread.currentThread();
                while (pending.get() != 0 && anyAlive()) {
                    LockSupport.parkNanos(this, PARK_NANOS);
                }
                waiting = null;
                break;
            }
        }
        return pending.get() == 0;
    }

    private boolean anyAlive() {
        for (Thread worker : workers) {
            if (worker.isAlive()) {
                return true;
            }
        }
        return false;
    }

    private void work(int slot) {
        int seen = 0;
        while (true) {
            long deadline = System.nanoTime() + SPIN_NANOS;
            while (epoch == seen && !closed) {
                Thread.onSpinWait();
                if (System.nanoTime() > deadline) {
                    LockSupport.park(this);
                }
            }
            if (closed) {
                return;
            }
            seen = epoch;
            try {
                job.run(slot);
            } catch (Throwable t) {
                failure = t;
            }
            if (pending.decrementAndGet() == 0) {
                LockSupport.unpark(waiting);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
        for (Thread worker : workers) {
            boolean interrupted = false;
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
