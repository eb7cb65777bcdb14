/** What every room may use: errors that a user can mend, the home directory, hashes. Knows no framework. */
package dev.prag.base;
