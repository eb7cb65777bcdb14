package dev.prag.tuning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.augmentation.Pair;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The passages of a tuning by the hashes of their texts, the questions that were made for it, and what was measured, in a
 * file with a line of JSON for each, written as soon as it is there. A last line that was cut off by a crash is passed over.
 */
final class TuningJournal {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final Map<String, Measured> measured = new HashMap<>();
    private List<String> texts = List.of();
    private List<List<Pair>> paraphrases;

    /** A line: the texts, the questions of each passage in other words, or a measurement. */
    @RegisterForReflection
    record Entry(
            @JsonInclude(JsonInclude.Include.NON_NULL) String key,
            @JsonInclude(JsonInclude.Include.NON_NULL) Measured measured,
            @JsonInclude(JsonInclude.Include.NON_NULL) List<String> texts,
            @JsonInclude(JsonInclude.Include.NON_NULL) List<List<Pair>> paraphrases) {}

    private TuningJournal(Path file) {
        this.file = file;
    }

    /**
     * Opens the journal in the file, which needn't be there.
     *
     * @param texts hashes of the texts of the passages
     * @throws UserException if it can't be read or written
     */
    static TuningJournal open(Path file, List<String> texts) {
        TuningJournal journal = read(file);
        if (!journal.texts.equals(texts)) {
            journal.write(new Entry(null, null, texts, null));
        }
        return journal;
    }

    /** The texts that the journal in the file names; empty where it names none. */
    static List<String> texts(Path file) {
        return read(file).texts;
    }

    private static TuningJournal read(Path file) {
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
            if (entry.texts() != null) {
                texts = entry.texts();
            } else if (entry.paraphrases() != null) {
                paraphrases = entry.paraphrases();
            } else {
                measured.put(entry.key(), entry.measured());
            }
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
        write(new Entry(key, found, null, null));
    }

    /** Questions in other words, of each passage of the sample, which were made for it. */
    Optional<List<List<Pair>>> paraphrases() {
        return Optional.ofNullable(paraphrases);
    }

    void add(List<List<Pair>> made) {
        paraphrases = made;
        write(new Entry(null, null, null, made));
    }

    private void write(Entry entry) {
        try {
            // On a line of its own, whatever the last one came to.
            Files.writeString(
                    file, "\n" + JSON.writeValueAsString(entry), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
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
