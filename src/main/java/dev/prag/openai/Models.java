package dev.prag.openai;

import dev.prag.answering.AnswerService;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.parameterization.Recipes;
import dev.prag.rest.FieldException;
import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The ids of models: the loaded model's own name, and the same with a method of answering behind a colon. */
@Singleton
final class Models {
    private static final int FINGERPRINT = 12;

    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final AnswerService answers;
    private final Optional<String> name;
    private String fingerprint;

    /** @param name under which the model is offered, where it isn't the name of its folder */
    @Inject
    Models(
            ModelRuntime runtime,
            Recipes recipes,
            AnswerService answers,
            @ConfigProperty(name = "prag.openai.model-name") Optional<String> name) {
        this.runtime = runtime;
        this.recipes = recipes;
        this.answers = answers;
        this.name = name;
    }

    /**
     * What a client asks.
     *
     * @param id as the client wrote it
     * @param method of answering; null is the model alone
     */
    record Served(String id, String method) {}

    /** The model that an id names; empty if there is none. */
    Optional<Served> find(String id) {
        String own = name();
        if (id.equals(own)) {
            return Optional.of(new Served(id, null));
        }
        if (!id.startsWith(own + ":")) {
            return Optional.empty();
        }
        String method = id.substring(own.length() + 1);
        return answers.methods().contains(method) ? Optional.of(new Served(id, method)) : Optional.empty();
    }

    /**
     * The model that a request names.
     *
     * @throws FieldException if it names none, or one that isn't there
     */
    Served require(String id) {
        if (id == null || id.isBlank()) {
            throw new FieldException("model is missing; name one of " + String.join(", ", ids()), "model");
        }
        return find(id).orElseThrow(() -> new FieldException(
                UserException.Kind.NOT_FOUND,
                "the model \"" + id + "\" does not exist; name one of " + String.join(", ", ids()),
                "model",
                "model_not_found",
                null));
    }

    /** All ids. */
    List<String> ids() {
        String own = name();
        return Stream.concat(Stream.of(own), answers.methods().stream().map(method -> own + ":" + method))
                .toList();
    }

    /** When the model's folder was last changed, in seconds since 1970. */
    long created() {
        try {
            return Files.getLastModifiedTime(runtime.folder().path())
                    .toInstant()
                    .getEpochSecond();
        } catch (IOException e) {
            // It answers all the same.
            return 0;
        }
    }

    /** Changes whenever the same request could be answered otherwise because of the model or the recipe. */
    synchronized String fingerprint() {
        if (fingerprint == null) {
            String both = runtime.modelId() + " " + recipes.current().hash();
            fingerprint = "fp_" + Hashes.sha256(both).substring(0, FINGERPRINT);
        }
        return fingerprint;
    }

    /** The model's own name. */
    String name() {
        return name.filter(given -> !given.isBlank()).orElseGet(() -> runtime.folder()
                .path()
                .toAbsolutePath()
                .normalize()
                .getFileName()
                .toString());
    }
}
