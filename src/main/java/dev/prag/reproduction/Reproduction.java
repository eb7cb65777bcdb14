package dev.prag.reproduction;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.llm.ModelFolder;
import dev.prag.parameterization.Recipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Makes the twins: plans, runs what is missing, and hands on what each is made of. */
public final class Reproduction {
    private final Settings settings;
    private final Fingerprints fingerprints;

    public Reproduction(Settings settings) {
        this(settings, Fingerprints.ofThisProcess());
    }

    Reproduction(Settings settings, Fingerprints fingerprints) {
        this.settings = settings;
        this.fingerprints = fingerprints;
    }

    /** Makes a table of what was measured, writes and shows it. */
    @FunctionalInterface
    public interface Tabulator {
        void make(Twin twin, List<Series> series, List<String> notes);
    }

    /**
     * Makes all twins.
     *
     * @param told is given what happens, in lines
     * @throws UserException naming what is amiss, before anything is run
     * @throws RunFailedException if a run fails
     */
    public void make(Tabulator tabulator, Consumer<String> told) throws InterruptedException {
        Stream.concat(settings.models().stream(), settings.augmenters().stream())
                .forEach(model -> ModelFolder.open(model.place()));
        Plan plan = new Planner(settings, fingerprints).plan();
        try (ResultFolder folder = ResultFolder.open(settings.out())) {
            ChildProgram.endOrphan(folder.childNote())
                    .ifPresent(process -> told.accept("ended process " + process + ", which a killed call had left"));
            make(plan, folder, ChildProgram.ofThis(folder.childNote()), tabulator, told);
        } catch (IOException e) {
            throw new UserException(
                    Kind.ENVIRONMENT,
                    "--out: " + settings.out() + " can't be worked in (" + IoReason.of(e)
                            + "); make room or give write permission there, or name a folder elsewhere",
                    e);
        }
    }

    void make(Plan plan, ResultFolder folder, Program program, Tabulator tabulator, Consumer<String> told)
            throws IOException, InterruptedException {
        folder.prepare(plan.files());
        plan.recipes().forEach(file -> Recipe.load(file.toString()));
        Runs runs = new Runs(folder, program, fingerprints, settings.home(), told);
        for (Plan.Part part : plan.twins()) {
            List<Series> series = new ArrayList<>();
            for (Measured measured : part.measured()) {
                series.add(SeriesReader.read(measured, runs.result(measured.run())));
            }
            List<String> notes = new ArrayList<>(part.notes());
            notes.addAll(runs.troubles());
            tabulator.make(part.twin(), series, notes);
        }
    }
}
