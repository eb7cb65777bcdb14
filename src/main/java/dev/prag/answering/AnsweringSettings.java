package dev.prag.answering;

import dev.prag.base.UserException;
import dev.prag.parameterization.Composing;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the settings of this process say of how adapters are composed, whatever the recipe says. */
@Singleton
final class AnsweringSettings {
    private final Optional<String> compose;

    @Inject
    AnsweringSettings(@ConfigProperty(name = "prag.answering.compose") Optional<String> compose) {
        this.compose = compose;
    }

    /** @throws UserException naming the setting, if it is none */
    Composing composing() {
        try {
            return Composing.parse(compose.orElse(""));
        } catch (UserException e) {
            throw new UserException(e.kind(), "prag.answering.compose: " + e.getMessage(), e);
        }
    }
}
