package dev.prag.training;

/** Keeps trainings on their way, so that one that is killed can go on. */
public interface CheckpointKeeper {
    /** Keeps nothing. */
    CheckpointKeeper NONE = new CheckpointKeeper() {
        @Override
        public boolean isDue() {
            return false;
        }

        @Override
        public void keep(int job, Checkpoint checkpoint) {
            // Nobody goes on with it.
        }
    };

    /** Asked after every round of steps: whether the trainings that go on are to be kept now. */
    boolean isDue();

    /** @param job index of the job */
    void keep(int job, Checkpoint checkpoint);
}
