package dev.prag.augmentation;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.prag.base.UserException;
import dev.prag.runtime.ModelRuntime;
import io.quarkiverse.langchain4j.ModelName;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The chat model behind {@link AugmentationService}, by the setting {@code prag.augmentation.provider}: our own engine
 * ({@code local}), or any endpoint that speaks OpenAI's protocol ({@code openai}).
 */
@ApplicationScoped
@Unremovable
public class AugmentationModel implements ChatModel {
    private static final Asking DEFAULT = new Asking(0, 512, 0);

    private final ModelRuntime runtime;
    private final LocalChatModel local;
    private final ChatModel remote;
    private final String provider;
    private final String url;
    private final String model;

    @Inject
    public AugmentationModel(
            ModelRuntime runtime,
            @ModelName("augmentation") ChatModel remote,
            @ConfigProperty(name = "prag.augmentation.provider", defaultValue = "local") String provider,
            @ConfigProperty(name = "prag.augmentation.url") String url,
            @ConfigProperty(name = "prag.augmentation.model") String model) {
        this.runtime = runtime;
        this.local = new LocalChatModel(runtime::languageModel, runtime::engine);
        this.remote = remote;
        this.provider = provider;
        this.url = url;
        this.model = model;
    }

    /** What the model is known by where augmentations are kept. */
    public String id() {
        return isLocal() ? runtime.modelId() : url + " " + model;
    }

    /** What it is, for people. */
    public String description() {
        return isLocal() ? "the local model" : "the model " + model + " at " + url;
    }

    private boolean isLocal() {
        return switch (provider) {
            case "local" -> true;
            case "openai" -> false;
            default ->
                throw new UserException("prag.augmentation.provider is " + provider + "; it has to be local or openai");
        };
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        Asking asking = Asking.CURRENT.orElse(DEFAULT);
        OpenAiChatRequestParameters parameters = OpenAiChatRequestParameters.builder()
                .temperature(asking.temperature())
                .maxOutputTokens(asking.maxTokens())
                .seed((int) (asking.seed() & Integer.MAX_VALUE))
                .build();
        if (isLocal()) {
            return local.chat(
                    ChatRequest.builder()
                            .messages(request.messages())
                            .parameters(parameters)
                            .build(),
                    asking.seed());
        }
        return remote.chat(ChatRequest.builder()
                .messages(request.messages())
                .parameters(parameters)
                .build());
    }
}
