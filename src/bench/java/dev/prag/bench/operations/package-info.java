/**
 * JMH benchmarks of single tensor operations, each on the CPU device and on the plain reference. Built and run by the
 * Maven profile {@code bench} alone.
 */
package dev.prag.bench.operations;
