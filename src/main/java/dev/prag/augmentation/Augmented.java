package dev.prag.augmentation;

/**
 * What became of augmenting one passage.
 *
 * @param augmentation null if it failed
 * @param failure why this passage can't be augmented, for people; null if it was
 * @param hopeless whether it would fail the same way again, however often it is tried
 * @param rejected what the model wrote that was no use, and why not, cut to a bound; empty if there was nothing
 * @param making how it was made; null if it failed
 */
public record Augmented(Augmentation augmentation, String failure, boolean hopeless, String rejected, Making making) {
    static Augmented of(Augmentation augmentation, String rejected, Making making) {
        return new Augmented(augmentation, null, false, rejected, making);
    }

    static Augmented failed(String failure, boolean hopeless, String rejected) {
        return new Augmented(null, failure, hopeless, rejected, null);
    }

    public boolean failed() {
        return augmentation == null;
    }
}
