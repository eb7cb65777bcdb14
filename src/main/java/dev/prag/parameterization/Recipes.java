package dev.prag.parameterization;

import dev.prag.augmentation.AugmentationModel;
import dev.prag.corpus.Target;
import dev.prag.llm.template.ChatTemplate;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.ModelSettings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The recipe that this process works by: the setting {@code prag.recipe}, else the one that suits the model; with what
 * other settings add that decides adapters.
 */
@ApplicationScoped
public class Recipes {
    /** What templates read the date by. */
    private static final String DATE = "strftime_now";

    private final ModelRuntime model;
    private final ModelSettings settings;
    private final AugmentationModel augmenter;
    private final Optional<String> name;
    private Recipe current;

    @Inject
    Starts starts;

    @Inject
    public Recipes(
            ModelRuntime model,
            ModelSettings settings,
            AugmentationModel augmenter,
            @ConfigProperty(name = "prag.recipe") Optional<String> name) {
        this.model = model;
        this.settings = settings;
        this.augmenter = augmenter;
        this.name = name;
    }

    /**
     * The recipe in force.
     *
     * @throws dev.prag.base.UserException if the setting names none
     */
    public synchronized Recipe current() {
        if (current == null) {
            Recipe loaded = Recipe.load(name.orElseGet(() -> standard(model.isDemo())));
            current = loaded.resolvedBy(resolved(loaded));
            Start init = current.training().init();
            if (init != null) {
                init.fetchedBy(starts);
            }
        }
        return current;
    }

    /**
     * The name of the recipe that suits a model.
     *
     * @param demo whether it is the one that comes with the program
     */
    public static String standard(boolean demo) {
        return demo ? "demo" : "general";
    }

    /** What passages are encoded under in this process: the model and the recipe in force. */
    public Target target() {
        Recipe recipe = current();
        Path name = model.folder().path().getFileName();
        return new Target(model.modelId(), recipe.hash(), name == null ? "/" : name.toString(), recipe.name());
    }

    private Recipe.Resolved resolved(Recipe of) {
        String by = augmenter.identity(of.augmentation()).orElse(null);
        LocalDateTime time = settings.templateTime();
        boolean dated = !time.equals(ChatTemplate.DEFAULT_TIME)
                && model.folder().chatTemplateSources().values().stream().anyMatch(source -> source.contains(DATE));
        String date = dated ? time.toLocalDate().toString() : null;
        return by == null && date == null ? null : new Recipe.Resolved(by, date);
    }
}
