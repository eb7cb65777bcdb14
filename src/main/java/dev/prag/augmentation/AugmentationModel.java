package dev.prag.augmentation;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.prag.base.ExceptionNames;
import dev.prag.base.UserException;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.runtime.ModelRuntime;
import io.quarkiverse.langchain4j.ModelName;
import io.quarkus.arc.Unremovable;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The chat model behind {@link AugmentationService}: a local one that the recipe names, else, by the setting {@code
 * prag.augmentation.provider}, our own engine ({@code local}), or any endpoint that speaks OpenAI's protocol ({@code
 * openai}).
 */
@ApplicationScoped
@Unremovable
public class AugmentationModel implements ChatModel {
    private static final Asking DEFAULT = new Asking(0, 512, 0);
    private static final Pattern CREDENTIALS = Pattern.compile("(\\w://)[^/\\s@]*@");
    private static final Pattern QUERY = Pattern.compile("(\\w://[^\\s?]*)\\?\\S*");
    /** What is shorter is no secret, such as "none". */
    private static final int SHORTEST_KEY = 6;

    private final ModelRuntime runtime;
    private final LocalChatModel local;
    private final NamedModel named;
    private final LocalSupportGain gain;
    private final ChatModel remote;
    private final String provider;
    private final String url;
    private final String model;
    private final String key;

    @Inject
    public AugmentationModel(
            ModelRuntime runtime,
            @ModelName("augmentation") ChatModel remote,
            @ConfigProperty(name = "prag.augmentation.provider", defaultValue = "local") String provider,
            @ConfigProperty(name = "prag.augmentation.url") String url,
            @ConfigProperty(name = "prag.augmentation.model") String model,
            @ConfigProperty(name = "prag.augmentation.key", defaultValue = "none") String key) {
        this.runtime = runtime;
        this.local = new LocalChatModel(() -> runtime.languageModel(), () -> runtime.engine());
        this.named = new NamedModel(runtime);
        this.gain = new LocalSupportGain(() -> runtime.languageModel());
        this.remote = remote;
        this.provider = provider;
        this.url = url;
        this.model = model;
        this.key = key;
    }

    /**
     * What the model is known by where augmentations are kept: a model that is named as the model that answers by
     * itself, so that both find the same.
     */
    public String id(AugmentationSettings settings) {
        requireOneWay(settings);
        if (settings.model() != null) {
            return named.id(settings);
        }
        return isLocal() ? runtime.modelId() : provider + " " + model;
    }

    /**
     * What tells adapters apart by who augmented their passages: empty where nobody else than the model that answers is
     * named, else the content of the model that the recipe names, or the name of the endpoint's model. Where these are
     * doesn't count: the same model may move, and an address may hold a password.
     *
     * @throws UserException if the recipe and the settings name one each, or the recipe's can't be read
     */
    public Optional<String> identity(AugmentationSettings settings) {
        if (settings.model() == null) {
            return isLocal() ? Optional.empty() : Optional.of(id(settings));
        }
        return Optional.of("local " + id(settings));
    }

    /** What the settings say that it is, for people. */
    public String description() {
        return isLocal() ? "the local model" : "the model " + model + " at " + withoutSecrets(url, "");
    }

    private void requireOneWay(AugmentationSettings settings) {
        if (settings.model() != null && !isLocal()) {
            throw new UserException("the recipe's augmentation.model names " + settings.model()
                    + ", and prag.augmentation.provider is " + provider
                    + ": only one of them can augment; take augmentation.model out of the recipe, or set the provider"
                    + " to local");
        }
    }

    /** Whether another local model than the one that answers augments. */
    public boolean isBeside(AugmentationSettings settings) {
        return named.isBeside(settings);
    }

    /** Holds the model that the recipe names: it is opened when it is asked, and closed at the end of its last use. */
    public interface Use extends AutoCloseable {
        /** Frees its memory unless others use it; it is opened anew when it is asked again. */
        void rest();

        @Override
        void close();
    }

    /** Begins a use; whoever makes augmentations has one open. */
    public Use use() {
        return named.use();
    }

    /**
     * Tries whether the model can be used, before anything depends on it: opens a local one, and asks the endpoint
     * for a word.
     *
     * @throws UserException if it can't, whatever it is asked
     */
    public void check(AugmentationSettings settings) {
        try {
            if (Augmenter.answersPerPassage(settings) == 0) {
                return;
            }
            if (isBeside(settings)) {
                named.check(settings);
            } else if (isLocal()) {
                runtime.engine();
            } else {
                requireAddress();
                remote.chat(request(
                        List.of(UserMessage.from("Reply with the word ready.")),
                        new Asking(0, settings.maxPairsTokens(), settings.seed()),
                        null));
            }
        } catch (UserException e) {
            throw e;
        } catch (RuntimeException e) {
            throw failure(e);
        }
    }

    /**
     * How much more probable passages make answers: to the local model that the recipe names, so that its augmentations
     * don't depend on who else is there; else to the model that answers, even if an endpoint augments.
     */
    SupportGain gain(AugmentationSettings settings) {
        return isBeside(settings)
                ? (prompts, passage, question, answer) -> named.gain(settings).of(prompts, passage, question, answer)
                : gain;
    }

    /** Before the model that it works on. */
    @PreDestroy
    void close() {
        gain.close();
        named.close();
    }

    /** What an error means that no passage is at fault for: where to look, and no secret of the settings. */
    UserException failure(RuntimeException e) {
        String reason = withoutSecrets(reason(e), key);
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                isLocal()
                        ? "the local model can't augment passages: " + reason + "; start the program anew"
                        : "the augmentation model can't be used: " + reason
                                + "; check prag.augmentation.url, prag.augmentation.key and prag.augmentation.model",
                e);
    }

    /** Here and not by the client, which tells its log of every try, with the whole address. */
    private void requireAddress() {
        URI address;
        try {
            address = new URI(url);
        } catch (URISyntaxException e) {
            address = URI.create("");
        }
        boolean usable = "http".equalsIgnoreCase(address.getScheme()) || "https".equalsIgnoreCase(address.getScheme());
        if (!usable || address.getHost() == null) {
            throw new UserException("prag.augmentation.url is " + withoutSecrets(url, key)
                    + ", which is no address; give one such as http://127.0.0.1:8000/v1");
        }
    }

    private static String reason(RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException unknown) {
                return "the host " + unknown.getMessage() + " is unknown";
            }
        }
        String said = e.getMessage() == null
                ? ""
                : ExceptionNames.without(e.getMessage()).strip();
        return said.isEmpty() ? "no reason is given" : said;
    }

    /** Without users and passwords in addresses, what follows a question mark there, and the key. */
    private static String withoutSecrets(String text, String key) {
        String plain = CREDENTIALS.matcher(text).replaceAll("$1");
        plain = QUERY.matcher(plain).replaceAll("$1");
        return key.length() < SHORTEST_KEY ? plain : plain.replace(key, "…");
    }

    /** Whether the engine of this process answers. */
    boolean isLocal() {
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
        ChatRequest asked = request(
                Stream.concat(asking.before().stream(), request.messages().stream())
                        .toList(),
                asking,
                request.responseFormat());
        if (!isLocal()) {
            return remote.chat(asked);
        }
        JsonSchema schema = asking.schema() != null ? asking.schema() : ResponseSchema.of(request.responseFormat());
        LocalChatModel by = Asking.SETTINGS.isBound() && isBeside(Asking.SETTINGS.get())
                ? named.chat(Asking.SETTINGS.get())
                : local;
        return by.chat(asked, asking.seed(), asking.start(), schema);
    }

    private static ChatRequest request(List<ChatMessage> messages, Asking asking, ResponseFormat format) {
        return ChatRequest.builder()
                .messages(messages)
                .parameters(OpenAiChatRequestParameters.builder()
                        .temperature(asking.temperature())
                        .maxOutputTokens(asking.maxTokens())
                        .seed((int) (asking.seed() & Integer.MAX_VALUE))
                        .responseFormat(format)
                        .build())
                .build();
    }
}
