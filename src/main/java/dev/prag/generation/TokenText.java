package dev.prag.generation;

/** Text of tokens as they come, in whole characters. */
interface TokenText {
    /** What became whole with this token. */
    String push(int id);

    /** What is left at the end. */
    String finish();
}
