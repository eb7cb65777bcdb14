/** Data sets of questions, scores of answers, and the table that compares methods. */
package dev.prag.evaluation;
