package dev.prag.lora;

/** No free place in an {@link AdapterSlab} is large enough; close resident adapters and try again. */
public class SlabFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SlabFullException(String message) {
        super(message);
    }
}
