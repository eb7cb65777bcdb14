/**
 * The twins of the paper's tables: what has to be run for each, and the table itself, with the paper's figures beside
 * ours. Runs are calls of this program, each in a process of its own, so that every one of them can be repeated by hand,
 * no two models are in memory together, and whatever was killed goes on.
 */
package dev.prag.reproduction;
