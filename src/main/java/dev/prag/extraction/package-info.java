/**
 * The text of files of other formats than plain text, by Apache Tika. It is read in a process of its own, with bounds on
 * memory and time, since such files come from anywhere and a parser that fails must take nothing else down.
 */
package dev.prag.extraction;
