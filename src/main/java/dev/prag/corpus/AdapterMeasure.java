package dev.prag.corpus;

/**
 * What an adapter is worth, as it was measured after its training. Losses are means over the tokens of the passage's
 * answers, in nats.
 *
 * @param own loss with the adapter
 * @param other loss with another passage's; null where there was none
 * @param none loss without any
 * @param neutral by how much it lowers the log-probability of a neutral text, in nats a token
 * @param trainings how often it was trained until then
 * @param learningRate of the last of these
 * @param strength what its update was multiplied by afterwards, to do less to unrelated text; 1 where it is as it was
 *     trained
 */
public record AdapterMeasure(
        double own, Double other, double none, double neutral, int trainings, double learningRate, double strength) {
    /** How much likelier the answers are with the adapter than with another one, or without one where there is none. */
    public double gain() {
        return (other == null ? none : other) - own;
    }
}
