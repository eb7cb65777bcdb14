/**
 * Low-rank adapters (Hu et al., 2022): small matrices A [rank, in] and B [out, rank] beside a frozen projection W, which
 * together stand for W + scaling·B·A.
 *
 * <p>An {@link dev.prag.lora.Adapter} lies in host memory; {@link dev.prag.lora.PeftFolder} reads and writes it in the
 * layout of PEFT, {@link dev.prag.lora.AdapterCodec} as one file. An {@link dev.prag.lora.AdapterSlab} holds many of
 * them in device memory. A {@link dev.prag.lora.Composition} names those that are in force for one sequence, with their
 * weights, which is the "update" step of parametric retrieval-augmented generation (Su et al., 2025).
 */
package dev.prag.lora;
