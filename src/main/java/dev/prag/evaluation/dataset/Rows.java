package dev.prag.evaluation.dataset;

import dev.prag.base.UserException;
import java.nio.file.Path;
import java.util.function.Predicate;

/** Reads the questions of one data set, one by one: no more than a row is in memory. */
interface Rows {
    /**
     * Hands over the questions in the order of the file, until one is answered with false.
     *
     * @return how many rows have no answer to be right or wrong by, and were left out
     * @throws UserException naming the row and what is wrong with it
     */
    int read(Path file, Predicate<PublishedQuestion> each);
}
