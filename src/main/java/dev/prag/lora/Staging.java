package dev.prag.lora;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Arrays in which adapters are laid out before a device takes them, kept for the next ones: those of one recipe are all
 * of one size. Safe for use by many threads.
 */
final class Staging {
    /** More than load at the same time as a rule. */
    private static final int MOST = 4;

    private final Deque<float[]> kept = new ArrayDeque<>();

    /** An array of exactly that length, with anything in it. */
    synchronized float[] take(int length) {
        while (!kept.isEmpty()) {
            float[] array = kept.pop();
            if (array.length == length) {
                return array;
            }
        }
        return new float[length];
    }

    synchronized void giveBack(float[] array) {
        if (kept.size() < MOST) {
            kept.push(array);
        }
    }
}
