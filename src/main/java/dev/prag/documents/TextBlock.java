package dev.prag.documents;

/**
 * Lines of a text that belong together. Blocks follow each other; between them lies only white space.
 *
 * @param start index of the first line's first character
 * @param end index behind the last line
 * @param level of a heading, 1 to 6; else 0
 * @param title of a heading, as plain text; else null
 * @param item number of the list item that it is in, the innermost one; 0 if none
 * @param group number of the outermost block that it is in, such as a whole list
 */
record TextBlock(int start, int end, Kind kind, int level, String title, int item, int group) {
    /** What a block is made of. */
    enum Kind {
        /** A line that names what follows. */
        HEADING,
        /** Sentences. */
        PROSE,
        /** Code between fences: lines, the first and the last being fences. */
        CODE,
        /** Rows of a table, one a line. */
        ROWS,
        /** An HTML comment. */
        COMMENT
    }
}
