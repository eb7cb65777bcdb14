/** Finds the passages that a question is about. */
package dev.prag.retrieval;
