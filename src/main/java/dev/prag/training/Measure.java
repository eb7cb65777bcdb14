package dev.prag.training;

/**
 * How an adapter does. Losses are means over the answers' tokens, in nats.
 *
 * @param own loss with the adapter
 * @param other loss with another passage's adapter; null where there was none
 * @param none loss without any
 */
public record Measure(double own, Double other, double none) {
    /** How much likelier the answers are with the adapter than with another one, or without one where there is none. */
    public double gain() {
        return (other == null ? none : other) - own;
    }
}
