package dev.prag.adapterstore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** The file {@code corpus} beside a folder's adapters, which holds the id of the corpus that they belong to. */
final class CorpusFile {
    private static final String NAME = "corpus";

    private CorpusFile() {}

    /**
     * As {@link AdapterStore#claim}.
     *
     * @param temporary a folder on the same disk, to write in
     */
    static String claim(Path root, Path temporary, String corpusId) throws IOException {
        byte[] mine = CorpusId.toBytes(corpusId);
        Path file = root.resolve(NAME);
        if (!Files.exists(file)) {
            Path written = temporary.resolve(NAME + "." + UUID.randomUUID());
            try {
                Files.write(written, mine, StandardOpenOption.CREATE_NEW, StandardOpenOption.SYNC);
                link(file, written, mine);
                try (FileChannel names = FileChannel.open(root, StandardOpenOption.READ)) {
                    names.force(true);
                }
            } finally {
                Files.deleteIfExists(written);
            }
        }
        return CorpusId.of(Files.readAllBytes(file), file.toString());
    }

    /** A link, so that nobody ever sees the file without its content; where there are no links, as well as it goes. */
    private static void link(Path file, Path written, byte[] content) throws IOException {
        try {
            try {
                Files.createLink(file, written);
            } catch (FileAlreadyExistsException e) {
                throw e;
            } catch (FileSystemException | UnsupportedOperationException e) {
                Files.write(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.SYNC);
            }
        } catch (FileAlreadyExistsException e) {
            System.getLogger(CorpusFile.class.getName())
                    .log(System.Logger.Level.DEBUG, "{0} was written by another process", file);
        }
    }
}
