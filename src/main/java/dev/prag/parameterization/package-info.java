/**
 * The offline journey of parametric RAG (Su et al., 2025, section 3.2): a passage is augmented, its samples train an
 * adapter, and the adapter is stored and becomes the passage's parametric representation.
 */
package dev.prag.parameterization;
