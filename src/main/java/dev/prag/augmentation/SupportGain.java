package dev.prag.augmentation;

/** How much more probable a passage makes an answer. */
interface SupportGain {
    /** Log-probability of the answer below the passage less that without it, in nats a token. */
    double of(PromptSet prompts, String passage, String question, String answer);
}
