/** Who asks and what they may do: principals, roles, rights. Knows nothing of documents or of HTTP. */
package dev.prag.access;
