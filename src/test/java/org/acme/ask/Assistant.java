package org.acme.ask;

import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.UserMessage;
import io.quarkiverse.langchain4j.RegisterAiService;
import io.smallrye.mutiny.Multi;

/** Answers from the documents of the service. */
@RegisterAiService(modelName = "prag")
public interface Assistant {
    /** The answer, in pieces as they come. */
    @SystemMessage("Answer from what you know.")
    Multi<String> ask(@UserMessage String question);
}
