package dev.prag.corpus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import javax.sql.DataSource;

/** What one process at a time does for all. */
@ApplicationScoped
public class Leaderships {
    private static final long INDEX_SNAPSHOTS = 0x70726167_11L;

    private static final long SHARED_INDEX = 0x70726167_12L;

    @Inject
    DataSource source;

    /** To publish snapshots of the index. */
    public Leadership ofIndexSnapshots() {
        return new DatabaseLeadership(source, INDEX_SNAPSHOTS);
    }

    /** To write the index that all processes share. */
    public Leadership ofSharedIndex() {
        return new DatabaseLeadership(source, SHARED_INDEX);
    }
}
