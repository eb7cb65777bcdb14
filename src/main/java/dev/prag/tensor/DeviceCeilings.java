package dev.prag.tensor;

import java.util.List;

/**
 * What a device can do at best, by the libraries that it uses, in the layouts that they like best and with nothing around
 * them. {@code prag bench} holds the device against it.
 */
public interface DeviceCeilings extends AutoCloseable {
    /** Element types of a product. */
    enum Type {
        F32,
        BF16,
        INT8
    }

    /** Work of a known size, made ready to be run again and again. */
    interface Work extends AutoCloseable {
        /** Does it once; returns when it is done. */
        void run();

        /** How much a run does: bytes moved, multiplications and additions, or launches. */
        double amount();

        @Override
        void close();
    }

    /** How to make a piece of work, which the caller closes. */
    @FunctionalInterface
    interface Maker {
        Work make();
    }

    /** What {@link #launches} are, and what starting each costs. */
    record Launch(String name, Maker work) {}

    /** How {@link #memory} goes through memory: {@code memory read}, or {@code memory copy}, which reads and writes. */
    String memoryName();

    /** Goes through memory far larger than any cache; amounts are bytes. The caller closes it. */
    Work memory();

    /** Ways to compute y [m, n] ← x [m, k] · Wᵀ; amounts are multiplications and additions. */
    List<Maker> products(Type type, int m, int n, int k);

    /** What it costs to have something computed at all; amounts are launches. Empty where that is next to nothing. */
    List<Launch> launches();

    @Override
    void close();
}
