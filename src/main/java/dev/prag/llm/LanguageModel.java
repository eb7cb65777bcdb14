package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.llm.template.ChatTemplate;
import dev.prag.llm.template.TemplateException;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;

/**
 * A language model ready to run: the decoder with its weights on a device, the tokenizer, and what the folder says
 * about chats and generation. Closing it frees the weights; the device stays the caller's. Safe for many threads.
 */
public final class LanguageModel implements AutoCloseable {
    /** Positions of a sequence unless the caller says otherwise, or the model has fewer. */
    public static final int DEFAULT_CONTEXT = 8192;

    private final ModelFolder folder;
    private final Decoder decoder;
    private final Tokenizer tokenizer;
    private final LocalDateTime templateTime;

    private LanguageModel(ModelFolder folder, Decoder decoder, LocalDateTime templateTime) {
        this.folder = folder;
        this.decoder = decoder;
        this.tokenizer = folder.tokenizer();
        this.templateTime = templateTime;
    }

    /** Opens a model with {@link #DEFAULT_CONTEXT}. */
    public static LanguageModel open(ModelFolder folder, Device device, DType compute) {
        return open(folder, device, compute, DEFAULT_CONTEXT);
    }

    /** Opens a model with the chat template's default time. */
    public static LanguageModel open(ModelFolder folder, Device device, DType compute, int context) {
        return open(folder, device, compute, context, ChatTemplate.DEFAULT_TIME);
    }

    /**
     * Hands a model's weights to a device.
     *
     * @param compute type of the products: F32, BF16 or I8
     * @param context positions that a sequence may have at most; the model's own maximum bounds it
     * @param templateTime what chat templates that ask for the date are told
     * @throws UserException if a file is missing, damaged, or doesn't fit the others
     */
    public static LanguageModel open(
            ModelFolder folder, Device device, DType compute, int context, LocalDateTime templateTime) {
        folder.tokenizer();
        Decoder decoder = Decoder.load(folder.weights(), folder.config(), device, compute, context);
        return new LanguageModel(folder, decoder, templateTime);
    }

    public ModelFolder folder() {
        return folder;
    }

    public ModelConfig config() {
        return folder.config();
    }

    public Decoder decoder() {
        return decoder;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    public GenerationDefaults generationDefaults() {
        return folder.generationDefaults();
    }

    /**
     * The chat template, at this model's time.
     *
     * @throws UserException if the model has none, or it can't be understood
     */
    public ChatTemplate chatTemplate() {
        return folder.chatTemplate().at(templateTime);
    }

    /**
     * Messages through the chat template, as ids. Control tokens are those that the template writes: what stands in a
     * message is text.
     *
     * @param messages each with {@code role} and {@code content}
     * @param addGenerationPrompt whether the assistant's turn is begun
     * @throws UserException if the model has no chat template or it doesn't take these messages
     */
    public int[] chatIds(List<? extends Map<String, ?>> messages, boolean addGenerationPrompt) {
        try {
            return tokenizer.encode(
                    ContentMarks.render(chatTemplate(), tokenizer, messages, null, addGenerationPrompt, Map.of()));
        } catch (TemplateException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "messages: the model's chat template refuses them: " + e.getMessage()
                            + "; give messages with the fields role and content, in the order it expects",
                    e);
        }
    }

    @Override
    public void close() {
        decoder.close();
    }
}
