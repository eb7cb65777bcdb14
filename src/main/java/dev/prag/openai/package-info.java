/**
 * The API that OpenAI's clients speak, beside {@link dev.prag.rest}: chats and texts are answered by the model alone, or
 * by a method of answering that the model's id names.
 */
package dev.prag.openai;
