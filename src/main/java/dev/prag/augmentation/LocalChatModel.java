package dev.prag.augmentation;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.prag.base.UserException;
import dev.prag.generation.Finish;
import dev.prag.generation.Generation;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.generation.Sampling;
import dev.prag.generation.TokenListener;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Our own engine, in this process, as a LangChain4j chat model. Calls that come at the same time share its batches.
 * The base model answers, without any adapter.
 */
public final class LocalChatModel implements ChatModel {
    /** Where a request doesn't bound its answer. */
    private static final int DEFAULT_MAX_TOKENS = 512;

    private final Supplier<LanguageModel> model;
    private final Supplier<GenerationEngine> engine;

    /** Asks for model and engine when they are first needed, which is when they are opened. */
    public LocalChatModel(Supplier<LanguageModel> model, Supplier<GenerationEngine> engine) {
        this.model = model;
        this.engine = engine;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return chat(request, 0, null, ResponseSchema.of(request.responseFormat()));
    }

    /** A JSON schema, which the answer keeps to then. */
    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }

    /**
     * Answers.
     *
     * @param seed of what is sampled, which a LangChain4j request has no field for
     * @param start how the answer begins, if it is to be the rest of that line; else null
     * @param schema what the answer has to fit; null for any
     */
    ChatResponse chat(ChatRequest request, long seed, String start, JsonSchema schema) {
        List<Map<String, Object>> messages =
                request.messages().stream().map(LocalChatModel::message).toList();
        int[] prompt = promptIds(messages, start);
        GenerationRequest generation = new GenerationRequest(
                prompt,
                request.maxOutputTokens() == null ? DEFAULT_MAX_TOKENS : request.maxOutputTokens(),
                sampling(request, seed),
                stops(request, start),
                Set.of(),
                false,
                Composition.NONE,
                Scope.PROMPT,
                schema);
        GenerationResult result = generate(generation);
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(result.text()))
                .tokenUsage(new TokenUsage(prompt.length, result.ids().length))
                .finishReason(result.finish() == Finish.STOP ? FinishReason.STOP : FinishReason.LENGTH)
                .build();
    }

    private int[] promptIds(List<Map<String, Object>> messages, String start) {
        int[] chat = model.get().chatIds(messages, true);
        if (start == null || start.isEmpty()) {
            return chat;
        }
        int[] begun = model.get().tokenizer().encodeFollowing(start);
        int[] ids = Arrays.copyOf(chat, chat.length + begun.length);
        System.arraycopy(begun, 0, ids, chat.length, begun.length);
        return ids;
    }

    private static List<String> stops(ChatRequest request, String start) {
        List<String> stops = request.stopSequences() == null ? List.of() : request.stopSequences();
        return start == null
                ? stops
                : Stream.concat(stops.stream(), Stream.of("\n")).toList();
    }

    /** As the engine's own, but an interrupt ends it. */
    private GenerationResult generate(GenerationRequest request) {
        CompletableFuture<GenerationResult> outcome = new CompletableFuture<>();
        Generation generation = engine.get().submit(request, new Outcome(outcome));
        try {
            return outcome.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            generation.cancel();
            Thread.currentThread().interrupt();
            throw new CancellationException("the answer was no longer wanted");
        }
    }

    private record Outcome(CompletableFuture<GenerationResult> future) implements TokenListener {
        @Override
        public void onToken(int id, String text, float logprob) {}

        @Override
        public void onRest(String text) {}

        @Override
        public void onDone(GenerationResult result) {
            future.complete(result);
        }

        @Override
        public void onError(RuntimeException error) {
            future.completeExceptionally(error);
        }
    }

    private static Sampling sampling(ChatRequest request, long seed) {
        float temperature =
                request.temperature() == null ? 0 : request.temperature().floatValue();
        if (temperature == 0) {
            return Sampling.GREEDY;
        }
        int topK = request.topK() == null ? 0 : request.topK();
        float topP = request.topP() == null ? 1 : request.topP().floatValue();
        return new Sampling(temperature, topK, topP, 1, seed);
    }

    private static Map<String, Object> message(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> Map.of("role", "system", "content", system.text());
            case UserMessage user when user.hasSingleText() -> Map.of("role", "user", "content", user.singleText());
            case AiMessage ai when ai.text() != null -> Map.of("role", "assistant", "content", ai.text());
            default ->
                throw new UserException("a message of type " + message.type()
                        + " is not supported by the local model; send text from system, user or assistant");
        };
    }
}
