package dev.prag.augmentation;

import dev.langchain4j.service.Result;
import dev.langchain4j.service.UserMessage;
import io.quarkiverse.langchain4j.RegisterAiService;
import jakarta.enterprise.context.ApplicationScoped;

/** The language model that augments passages. Every call stands alone: nothing is remembered from one to the next. */
@ApplicationScoped
@RegisterAiService(chatMemoryProviderSupplier = RegisterAiService.NoChatMemoryProviderSupplier.class)
public interface AugmentationService {
    /** The passage in other words. */
    @UserMessage("{prompt}")
    Result<String> rewrite(String prompt);

    /** Questions with answers, as JSON that is still to be read: models are careless about it. */
    @UserMessage("{prompt}")
    Result<String> pairs(String prompt);

    /** One line: a question about a passage, or the answer to one. */
    @UserMessage("{prompt}")
    Result<String> line(String prompt);
}
