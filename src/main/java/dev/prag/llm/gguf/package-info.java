/**
 * A GGUF file as the Hugging Face folder that it stands for: its metadata as config.json, tokenizer.json and the like,
 * its tensors under the names and in the order of rows that these have there. So everything else reads one layout.
 */
package dev.prag.llm.gguf;
