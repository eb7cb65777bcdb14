package dev.prag.augmentation;

import dev.prag.base.UserException;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.SideModel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The model that a recipe names to augment, beside the one that answers: opened when it is first asked, and closed when
 * nobody uses it any more. Where it is the model that answers, that one is asked, and nothing is opened. Safe for many
 * threads.
 */
final class NamedModel implements AutoCloseable {
    /** A model, by where it lies and how it is computed. */
    private record Named(Path path, String weights) {}

    /** What works on an open model. */
    private record Opened(Named named, SideModel model, LocalChatModel chat, LocalSupportGain gain) {
        void close() {
            gain.close();
            model.close();
        }
    }

    private final ModelRuntime runtime;
    private final Map<Path, String> fingerprints = new HashMap<>();
    private Opened opened;
    private int users;

    NamedModel(ModelRuntime runtime) {
        this.runtime = runtime;
    }

    /**
     * What the model that the settings name is known by: its content, and its weights unless they are full.
     *
     * @throws UserException if there is none, or it can't be read
     */
    synchronized String id(AugmentationSettings settings) {
        String fingerprint = fingerprint(settings);
        return settings.hasFullWeights() ? fingerprint : fingerprint + " " + settings.weights();
    }

    /** Whether it is another one than the model that answers. */
    synchronized boolean isBeside(AugmentationSettings settings) {
        return settings.model() != null && !runtime.isItself(fingerprint(settings), settings.namedWeights());
    }

    private String fingerprint(AugmentationSettings settings) {
        return fingerprints.computeIfAbsent(settings.model(), path -> {
            try {
                return runtime.fingerprint(path);
            } catch (UserException e) {
                throw named(e);
            }
        });
    }

    private static UserException named(UserException e) {
        return new UserException(e.kind(), "recipe: augmentation.model: " + e.getMessage(), e);
    }

    /** Keeps the model open, once it is, until the use is closed. */
    synchronized AugmentationModel.Use use() {
        users++;
        return new AugmentationModel.Use() {
            private boolean closed;

            @Override
            public void rest() {
                synchronized (NamedModel.this) {
                    if (users == 1) {
                        NamedModel.this.close();
                    }
                }
            }

            @Override
            public void close() {
                synchronized (NamedModel.this) {
                    if (!closed) {
                        closed = true;
                        rest();
                        users--;
                    }
                }
            }
        };
    }

    LocalChatModel chat(AugmentationSettings settings) {
        return opened(settings).chat();
    }

    LocalSupportGain gain(AugmentationSettings settings) {
        return opened(settings).gain();
    }

    /** Opens it, and tries its chat template. */
    void check(AugmentationSettings settings) {
        try {
            opened(settings)
                    .model()
                    .languageModel()
                    .chatIds(List.of(Map.of("role", "user", "content", "Ready?")), true);
        } catch (UserException e) {
            throw named(e);
        }
    }

    private synchronized Opened opened(AugmentationSettings settings) {
        Named named = new Named(settings.model(), settings.namedWeights());
        if (opened != null && !opened.named().equals(named)) {
            close();
        }
        if (opened == null) {
            SideModel model = runtime.openBeside(named.path(), named.weights());
            opened = new Opened(
                    named,
                    model,
                    new LocalChatModel(model::languageModel, model::engine),
                    new LocalSupportGain(model::languageModel));
        }
        return opened;
    }

    /** Frees its memory. */
    @Override
    public synchronized void close() {
        if (opened != null) {
            opened.close();
            opened = null;
        }
    }
}
