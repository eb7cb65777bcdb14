package dev.prag.training;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes lessons of a job's samples, for which a teacher is asked once. */
final class Lessons {
    private final TrainingRecipe recipe;
    private final Teacher teacher;

    Lessons(TrainingRecipe recipe, Teacher teacher) {
        this.recipe = recipe;
        this.teacher = teacher;
    }

    /** One for each sample. */
    List<Lesson> of(TrainingJob job) {
        Map<Sample, Foresight> taught = taught(job);
        List<Lesson> lessons = new ArrayList<>();
        for (Sample sample : job.samples()) {
            lessons.add(Lesson.of(sample, recipe, taught.get(sample.teacher())));
        }
        return lessons;
    }

    /** What the teacher predicts, by what it reads; samples may share that. */
    private Map<Sample, Foresight> taught(TrainingJob job) {
        Map<Sample, Foresight> taught = new HashMap<>();
        if (recipe.loss().distils()) {
            List<Sample> read =
                    job.samples().stream().map(Sample::teacher).distinct().toList();
            List<Foresight> foresights = teacher.read(read);
            for (int i = 0; i < read.size(); i++) {
                taught.put(read.get(i), foresights.get(i));
            }
        }
        return taught;
    }
}
