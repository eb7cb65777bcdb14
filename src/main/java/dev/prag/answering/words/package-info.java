/**
 * What decides when to retrieve and with what query, as far as it is arithmetic over words: the signals of FLARE and of
 * DRAGIN. Nothing here knows of a model.
 */
package dev.prag.answering.words;
