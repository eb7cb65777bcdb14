/**
 * Language models of the LLaMA family, from a folder of Hugging Face's layout to logits.
 *
 * <p>{@link dev.prag.llm.ModelFolder} reads the files: configuration, weights, {@link dev.prag.llm.Tokenizer}, chat
 * template. {@link dev.prag.llm.LanguageModel} puts the weights on a device. {@link dev.prag.llm.Decoder} is the model
 * itself, one forward pass over a {@link dev.prag.llm.Batch}: rows of tokens, cut into segments that each name their
 * positions, their place in the {@link dev.prag.llm.KvCache}, and the adapters in force. A prefill is a batch of one
 * long segment, a decoding step of many short ones, and a training step of many samples; for that one {@link
 * dev.prag.llm.Backpropagation} runs the same layers and then the way back.
 */
package dev.prag.llm;
