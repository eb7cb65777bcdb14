package dev.prag.reproduction;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.evaluation.dataset.DataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a folder of published data holds.
 *
 * @param sets the folder of each set that is there
 * @param training the file of each set's questions to warm up on, where there is one
 * @param table DPR's table of passages; null where it isn't there
 */
record DataFolder(Map<DataSet, Path> sets, Map<DataSet, Path> training, Path table) {
    private static final List<String> TABLES =
            List.of("psgs_w100.tsv", "psgs_w100.tsv.gz", "dpr/psgs_w100.tsv", "dpr/psgs_w100.tsv.gz");

    /** @throws UserException if it isn't there, holds none of the sets, or a set's folder lacks its file */
    static DataFolder read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new UserException(
                    Kind.NOT_FOUND, "--data: " + folder + " is no folder; name the one that holds the sets");
        }
        Map<DataSet, Path> sets = new EnumMap<>(DataSet.class);
        Map<DataSet, Path> training = new EnumMap<>(DataSet.class);
        List<String> names = new ArrayList<>();
        for (DataSet set : DataSet.values()) {
            Path place = folder.resolve(set.label());
            names.add(set.label());
            if (Files.isDirectory(place)) {
                set.file(place);
                sets.put(set, place);
                training(place).ifPresent(file -> training.put(set, file));
            }
        }
        if (sets.isEmpty()) {
            throw new UserException(
                    Kind.NOT_FOUND,
                    "--data: " + folder + " holds none of the folders " + String.join(", ", names)
                            + "; name the folder that does");
        }
        Path table = TABLES.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElse(null);
        return new DataFolder(sets, training, table);
    }

    /** The file with training questions; one of the program's own form is preferred, as it may have steps. */
    private static Optional<Path> training(Path place) {
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> name(file).contains("train"))
                    .filter(file -> name(file).matches(".*\\.(jsonl|json|tsv)"))
                    .min(Comparator.comparing((Path file) -> !isOwn(file)).thenComparing(DataFolder::name));
        } catch (IOException e) {
            throw new UserException(
                    Kind.ENVIRONMENT, "folder " + place + " can't be read: " + IoReason.of(e) + "; check it", e);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT);
    }

    /** Whether its lines are questions as prag evaluate reads them. */
    static boolean isOwn(Path file) {
        return name(file).endsWith(".jsonl");
    }
}
