/**
 * The reference device: every operation as plain loops in f64, written to be read.
 *
 * <p>It says what an operation means. F32 tensors are held as {@code double[]}, so that derivatives can be checked by
 * finite differences; nothing is rounded except what is written into a BF16 tensor. Weights keep the values of their
 * file, whatever their compute type. Faster devices are compared with it, and small models run on it.
 */
package dev.prag.tensor.plain;
