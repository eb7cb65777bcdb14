package dev.prag.parameterization;

import dev.prag.runtime.ModelRuntime;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The recipe that this process works by: the setting {@code prag.recipe}, else the one that suits the model. */
@ApplicationScoped
public class Recipes {
    private final ModelRuntime model;
    private final Optional<String> name;
    private Recipe current;

    @Inject
    public Recipes(ModelRuntime model, @ConfigProperty(name = "prag.recipe") Optional<String> name) {
        this.model = model;
        this.name = name;
    }

    /**
     * The recipe in force.
     *
     * @throws dev.prag.base.UserException if the setting names none
     */
    public synchronized Recipe current() {
        if (current == null) {
            current = Recipe.load(name.orElse(model.isDemo() ? "demo" : "paper"));
        }
        return current;
    }
}
