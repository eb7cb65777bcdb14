/**
 * The GGUF file format (github.com/ggml-org/ggml, docs/gguf.md): metadata, a list of tensors, then the tensors' blocks.
 * Read from a mapped file without copying it; quantised tensors are dequantised by rows.
 */
package dev.prag.tensor.gguf;
