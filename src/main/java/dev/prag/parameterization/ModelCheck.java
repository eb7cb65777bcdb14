package dev.prag.parameterization;

import dev.prag.base.UserException;
import dev.prag.llm.ModelFolder;
import dev.prag.runtime.ModelRuntime;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/** Whether the model can be used, as far as can be told without reading its weights. */
@ApplicationScoped
public class ModelCheck {
    private final ModelRuntime runtime;

    @Inject
    public ModelCheck(ModelRuntime runtime) {
        this.runtime = runtime;
    }

    /** What is wrong with the model, for people; empty if nothing seems to be. */
    public Optional<String> fault() {
        try {
            ModelFolder folder = runtime.folder();
            folder.weights();
            folder.tokenizer();
            folder.chatTemplate();
            runtime.context();
            return Optional.empty();
        } catch (UserException e) {
            return Optional.of(e.getMessage());
        }
    }
}
