package dev.prag.tuning;

import dev.prag.adapterstore.FileBlobs;
import dev.prag.base.Home;
import dev.prag.base.UserException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** What tuning keeps in the home: of each search a journal, and the adapters of the way of training that leads. */
@Singleton
public final class TuningFiles {
    private static final String JOURNAL = ".jsonl";

    private final Path folder;

    @Inject
    TuningFiles(Home home) {
        this.folder = home.path("tuning");
    }

    /**
     * The journal of a search, which needn't be there.
     *
     * @param texts hashes of the texts of its passages
     * @throws UserException if it can't be read or written
     */
    TuningJournal journal(String search, List<String> texts) {
        return TuningJournal.open(folder.resolve(search + JOURNAL), texts);
    }

    LeadingAdapters adapters(String search) {
        return new LeadingAdapters(new FileBlobs(folder), search + ".adapters");
    }

    /**
     * Deletes what is kept of searches that one of these texts was in.
     *
     * @param texts their hashes
     * @return how many searches couldn't be deleted
     */
    public int forget(Collection<String> texts) {
        if (texts.isEmpty() || !Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return (int) files.filter(file -> file.toString().endsWith(JOURNAL))
                    .filter(journal -> !forget(journal, texts))
                    .count();
        } catch (IOException e) {
            return 1;
        }
    }

    /** Deletes a search if it may know the texts; false if it can't be deleted. */
    private boolean forget(Path journal, Collection<String> texts) {
        try {
            List<String> known = TuningJournal.texts(journal);
            // One that doesn't name any may know all.
            if (known.isEmpty() || !Collections.disjoint(known, texts)) {
                String file = journal.getFileName().toString();
                adapters(file.substring(0, file.length() - JOURNAL.length())).clear();
                Files.delete(journal);
            }
            return true;
        } catch (IOException | UserException e) {
            return false;
        }
    }
}
