package dev.prag.tuning;

import dev.prag.adapterstore.Blobs;
import dev.prag.base.UserException;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The adapters of the way of training that leads, kept until the search is over: its compositions are tried last, when others
 * have been trained since, perhaps by another call.
 */
final class LeadingAdapters {
    /** Beside the adapters, written last: how many passages there are, with an adapter or without. */
    private static final String COUNT = "passages";

    private final Blobs blobs;
    private final String prefix;

    /** @param prefix of the keys of this search */
    LeadingAdapters(Blobs blobs, String prefix) {
        this.blobs = blobs;
        this.prefix = prefix;
    }

    /**
     * Keeps them in place of those of another way.
     *
     * @param key names the way, and what it was trained on, in letters and digits
     * @param adapters of the passages in their order; null where there is none
     */
    void keep(String key, List<Adapter> adapters) {
        clear();
        for (int i = 0; i < adapters.size(); i++) {
            if (adapters.get(i) != null) {
                blobs.put(blob(key, String.valueOf(i)), AdapterCodec.encode(adapters.get(i), Map.of()));
            }
        }
        blobs.put(blob(key, COUNT), String.valueOf(adapters.size()).getBytes(StandardCharsets.US_ASCII));
    }

    /** Those that were kept under the key, exactly; empty if these aren't the last, or can't be read any more. */
    Optional<List<Adapter>> find(String key) {
        Optional<byte[]> count = blobs.get(blob(key, COUNT));
        if (count.isEmpty()) {
            return Optional.empty();
        }
        try {
            int passages = Integer.parseInt(new String(count.get(), StandardCharsets.US_ASCII));
            List<Adapter> adapters = new ArrayList<>();
            for (int i = 0; i < passages; i++) {
                String name = blob(key, String.valueOf(i));
                adapters.add(blobs.get(name)
                        .map(bytes -> AdapterCodec.decode(bytes, name).adapter())
                        .orElse(null));
            }
            return Optional.of(adapters);
        } catch (UserException | NumberFormatException e) {
            // They are trained again.
            return Optional.empty();
        }
    }

    /** Keeps none any more. */
    void clear() {
        blobs.list(prefix).forEach(blob -> blobs.delete(blob.key()));
    }

    private String blob(String key, String what) {
        return prefix + "." + key + "." + what;
    }
}
