/** Documents, their passages, and how far encoding them has come, in PostgreSQL. */
package dev.prag.corpus;
