package dev.prag.training;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file with one checkpoint, as safetensors. It says which training it is of, and is read for no other.
 *
 * @param training what decides the training, as a hash
 */
public record CheckpointFile(Path path, String training) {
    private static final String TRAINING = "training";
    private static final String BEST_LOSS = "best_loss";
    private static final String SINCE_BEST = "since_best";
    private static final String LOSSES = "losses";
    private static final String PARAMETERS = "parameters";
    private static final String FIRST = "first_moments";
    private static final String SECOND = "second_moments";
    private static final String BEST = "best";

    /**
     * Writes it in the place of the one before: it is there whole or not at all.
     *
     * @throws UserException of kind ENVIRONMENT if that can't be done
     */
    public void write(Checkpoint checkpoint) {
        List<StoredTensor> tensors = new ArrayList<>();
        tensors.add(tensor(LOSSES, checkpoint.losses()));
        tensors.add(tensor(PARAMETERS, checkpoint.parameters()));
        tensors.add(tensor(FIRST, checkpoint.firstMoments()));
        tensors.add(tensor(SECOND, checkpoint.secondMoments()));
        if (checkpoint.best() != null) {
            tensors.add(tensor(BEST, checkpoint.best()));
        }
        Safetensors.write(
                path,
                tensors,
                Map.of(
                        TRAINING, training,
                        BEST_LOSS, Double.toString(checkpoint.bestLoss()),
                        SINCE_BEST, Integer.toString(checkpoint.sinceBest())));
    }

    private static StoredTensor tensor(String name, float[] values) {
        return StoredTensor.of(name, DType.F32, new int[] {values.length}, values);
    }

    /**
     * The checkpoint that is there; empty where no file is.
     *
     * @throws UserException if the file is of another training, or no checkpoint; it is left as it is
     */
    public Optional<Checkpoint> read() {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        Safetensors stored = Safetensors.open(path);
        Map<String, String> metadata = stored.metadata();
        if (!isOfThis(stored)) {
            throw new UserException(
                    UserException.Kind.CONFLICT,
                    path + " holds how far another training has come; end that one, which the same call as before does,"
                            + " or move the file away");
        }
        try {
            return Optional.of(new Checkpoint(
                    floats(stored, LOSSES),
                    floats(stored, PARAMETERS),
                    floats(stored, FIRST),
                    floats(stored, SECOND),
                    stored.names().contains(BEST) ? floats(stored, BEST) : null,
                    Double.parseDouble(metadata.get(BEST_LOSS)),
                    Integer.parseInt(metadata.get(SINCE_BEST))));
        } catch (NumberFormatException | NullPointerException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    path + " is damaged: " + BEST_LOSS + " or " + SINCE_BEST
                            + " is no number; move it away to train from the beginning",
                    e);
        }
    }

    /**
     * Deletes it, once its training is at its end; what is of another training stays.
     *
     * @throws UserException of kind ENVIRONMENT if that can't be done
     */
    public void remove() {
        try {
            if (Files.exists(path) && isOfThis(Safetensors.open(path))) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    path + " can't be deleted (" + IoReason.of(e) + "), and isn't needed any more; delete it",
                    e);
        }
    }

    private boolean isOfThis(Safetensors stored) {
        return training.equals(stored.metadata().get(TRAINING));
    }

    private static float[] floats(Safetensors stored, String name) {
        return stored.tensor(name).toFloats();
    }
}
