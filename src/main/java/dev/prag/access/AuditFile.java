package dev.prag.access;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.File;
import java.io.IOException;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.FileHandler;

/** A file of the audit log's own. */
final class AuditFile {
    /** Kept, as a logger that nobody refers to loses its handlers. */
    private static final Logger CATEGORY = Logger.getLogger(Audit.CATEGORY);

    private AuditFile() {}

    /**
     * Has the lines of the audit log go to the end of this file, and nowhere else.
     *
     * @throws UserException naming the file, if it can't be written
     */
    static void open(String path) {
        try {
            FileHandler handler = new FileHandler(new PatternFormatter("%m%n"), new File(path), true);
            handler.setAutoFlush(true);
            handler.setEncoding("UTF-8");
            CATEGORY.addHandler(handler);
            CATEGORY.setUseParentHandlers(false);
        } catch (IOException e) {
            throw new UserException(
                    Kind.ENVIRONMENT,
                    "the audit log " + path + " can't be written: " + IoReason.of(e)
                            + "; name another file with prag.audit.file",
                    e);
        }
    }
}
