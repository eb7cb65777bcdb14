/**
 * The safetensors file format (github.com/huggingface/safetensors): a JSON header that says where each tensor lies,
 * then the tensors' bytes. Read from a mapped file without copying it, and written deterministically.
 */
package dev.prag.tensor.safetensors;
