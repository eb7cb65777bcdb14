package dev.prag.augmentation;

/**
 * What became of augmenting one passage.
 *
 * @param augmentation null if it failed
 * @param failure why this passage can't be augmented, for people; null if it was
 */
public record Augmented(Augmentation augmentation, String failure) {
    public boolean failed() {
        return augmentation == null;
    }
}
