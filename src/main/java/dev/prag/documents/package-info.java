/**
 * Documents before they are kept: which files are read ({@link dev.prag.documents.DocumentFiles}) and how, and how a text is
 * cut into passages ({@link dev.prag.documents.PassageSplitter}).
 */
package dev.prag.documents;
