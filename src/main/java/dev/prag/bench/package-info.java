/**
 * {@code prag bench}: the ceilings of a machine, and how close each path of the program comes to them, measured in one
 * run. Each part gives {@link dev.prag.bench.Figure}s: a median with its spread over counted runs, warm-up apart, and
 * the ratio to a ceiling that was measured in the same run with the libraries that the program uses.
 */
package dev.prag.bench;
