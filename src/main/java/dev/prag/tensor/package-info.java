/**
 * Operations on memory, and nothing about language.
 *
 * <p>A {@link dev.prag.tensor.Device} runs operations on {@link dev.prag.tensor.Tensor}s; a model's matrices are handed
 * to it once as {@link dev.prag.tensor.Weight}s. {@code tensor.plain} is the reference: plain loops in f64, written to
 * be read. {@code tensor.cpu} is the fast one: oneDNN for products, the Vector API for the rest. Both pass one contract
 * test. Nothing above this package computes with numbers.
 */
package dev.prag.tensor;
