package dev.prag.tuning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What was measured, in a file with a line of JSON for each measurement, written as soon as it is there. A last line that
 * was cut off by a crash is passed over.
 */
final class TuningJournal {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final Map<String, Measured> measured = new HashMap<>();

    /** A line. */
    record Entry(String key, Measured measured) {}

    private TuningJournal(Path file) {
        this.file = file;
    }

    /**
     * Opens the journal in the file, which needn't be there.
     *
     * @throws UserException if it can't be read
     */
    static TuningJournal open(Path file) {
        TuningJournal journal = new TuningJournal(file);
        try {
            Files.createDirectories(file.getParent());
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    journal.read(line);
                }
            }
            return journal;
        } catch (IOException e) {
            throw unusable(file, "read", e);
        }
    }

    private void read(String line) {
        try {
            Entry entry = JSON.readValue(line, Entry.class);
            measured.put(entry.key(), entry.measured());
        } catch (JsonProcessingException e) {
            // Cut off by a crash: it is measured again.
        }
    }

    Path file() {
        return file;
    }

    Optional<Measured> find(String key) {
        return Optional.ofNullable(measured.get(key));
    }

    void add(String key, Measured found) {
        measured.put(key, found);
        try {
            // On a line of its own, whatever the last one came to.
            Files.writeString(
                    file,
                    "\n" + JSON.writeValueAsString(new Entry(key, found)),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw unusable(file, "written", e);
        }
    }

    private static UserException unusable(Path file, String what, IOException e) {
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                file + ": it can't be " + what + " (" + IoReason.of(e) + "); the results of tuning are kept there",
                e);
    }
}
