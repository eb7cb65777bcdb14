/**
 * Where PostgreSQL is: one that is given ({@link dev.prag.database.ExternalDatabase}), or one of the program's own, in the
 * home ({@link dev.prag.database.EmbeddedDatabase}).
 */
package dev.prag.database;
