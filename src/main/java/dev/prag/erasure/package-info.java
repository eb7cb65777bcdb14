/** Deletes documents so that nothing is left of them, and says what was looked at. */
package dev.prag.erasure;
