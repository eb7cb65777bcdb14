/** Published data sets of questions, read as their authors publish them and written as questions of this program. */
package dev.prag.evaluation.dataset;
