/**
 * A twin of a table of the paper: its rows and columns, its marks, the paper's figures beside ours, as text, JSON, CSV,
 * Markdown and a page with plots.
 */
package dev.prag.reproduction.table;
