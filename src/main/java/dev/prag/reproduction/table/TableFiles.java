package dev.prag.reproduction.table;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a table as JSON, CSV, Markdown and a page, such as {@code table1.json}. */
public final class TableFiles {
    private TableFiles() {}

    /**
     * Writes all files, each in one step over what was there.
     *
     * @param folder is made where it is missing
     * @return the files
     * @throws UserException if it can't be written
     */
    public static List<Path> write(Path folder, Table table) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put(".json", JsonTable.of(table).toPrettyString() + "\n");
        files.put(".csv", CsvTable.of(table));
        files.put(".md", MarkdownTable.of(table));
        files.put(".html", HtmlPage.of(table));
        return files.entrySet().stream()
                .map(file -> write(folder, table.fileName() + file.getKey(), file.getValue()))
                .toList();
    }

    private static Path write(Path folder, String name, String text) {
        Path file = folder.resolve(name);
        Path beside =
                folder.resolve("." + name + ".part-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(folder);
            try {
                Files.writeString(beside, text);
                Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(beside);
            }
            return file;
        } catch (IOException e) {
            throw new UserException(
                    Kind.ENVIRONMENT,
                    "out: " + file + " can't be written (" + IoReason.of(e)
                            + "); make room or give write permission there, or name a folder elsewhere",
                    e);
        }
    }
}
