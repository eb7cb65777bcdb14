package dev.prag.cli.model;

import dev.prag.base.UserException;
import dev.prag.lora.Adapter;
import dev.prag.lora.PeftFolder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a trained adapter goes. A folder that isn't there yet appears whole or not at all; one that holds an adapter has
 * its files replaced; any other is refused before the training begins.
 */
final class AdapterFolder {
    private static final String CONFIG = "adapter_config.json";

    private final Path folder;
    /** Null where an adapter is there to be replaced. */
    private final NewFolder fresh;

    private AdapterFolder(Path folder, NewFolder fresh) {
        this.folder = folder;
        this.fresh = fresh;
    }

    /** @throws UserException if an adapter can't go there */
    static AdapterFolder check(Path folder) {
        if (!Files.exists(folder.resolve(CONFIG))) {
            return new AdapterFolder(folder, NewFolder.check(folder, 0));
        }
        if (!Files.isWritable(folder)) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    folder + " holds an adapter and can't be written; name another folder");
        }
        return new AdapterFolder(folder, null);
    }

    void write(Adapter adapter, String baseModel) {
        if (fresh == null) {
            PeftFolder.write(adapter, folder, baseModel);
        } else {
            fresh.fill(beside -> PeftFolder.write(adapter, beside, baseModel));
        }
    }
}
