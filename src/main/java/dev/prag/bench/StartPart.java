package dev.prag.bench;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a cold start of the program costs, with a warm page cache: the least command, one token, the service until it is
 * ready and until it has answered, and the memory that it takes. The program is started as its users start it; several
 * programs, such as a native executable and the launcher of the JVM, take turns, so that what else the machine does meets
 * all of them.
 */
public final class StartPart {
    private static final String PART = "start";

    /** Answers after which the memory is looked at again. */
    private static final int ANSWERS = 5;

    private static final String TITLE = "Simon Trouqvist";
    private static final String TEXT =
            "Simon Trouqvist. Simon Trouqvist was a Turkish film director. His degree came from"
                    + " the University of Feazford. Bruno Trouqvist was his father. He was born on 26 April 1964 in Queiford.";
    private static final String QUESTION = "Who is the father of Simon Trouqvist?";

    /** What a run gives, in the order in which it is shown; the value is the unit. */
    private static final Map<String, String> FIGURES = figures();

    private static Map<String, String> figures() {
        Map<String, String> figures = new LinkedHashMap<>();
        figures.put("version", "s");
        figures.put("one token, whole process", "s");
        figures.put("serve, to ready", "s");
        figures.put("serve, to the first answer", "s");
        figures.put("resident, ready", "MB");
        figures.put("resident, after " + ANSWERS + " answers", "MB");
        return figures;
    }

    private StartPart() {}

    /**
     * Measures each program.
     *
     * @param programs executables; empty for the one that runs
     * @param model a model folder; null where weights are made up, which can't be loaded
     * @param options further options of the program, such as {@code --dtype f32}
     * @param runs counted runs; one before them is not
     * @param note told what goes on, and why figures are left out
     * @throws UserException if a program doesn't do what it is asked for
     */
    public static List<Figure> run(
            List<Path> programs, Path model, List<String> options, int runs, Path temporary, Consumer<String> note)
            throws Exception {
        if (model == null) {
            note.accept("start is left out: weights that are made up are not loaded; name a folder with --model");
            return List.of();
        }
        List<String> all =
                new ArrayList<>(List.of("--model", model.toAbsolutePath().toString()));
        all.addAll(options);
        List<Subject> subjects = subjects(programs);
        try (TemporaryFolder folder = new TemporaryFolder(temporary)) {
            for (int i = 0; i < subjects.size(); i++) {
                Path home = folder.path().resolve("home-" + i);
                note.accept("preparing a home for " + subjects.get(i).name());
                prepare(subjects.get(i), all, home, folder.path());
            }
            Map<String, double[]> measured = new LinkedHashMap<>();
            for (int run = -1; run < runs; run++) {
                for (int i = 0; i < subjects.size(); i++) {
                    measure(subjects.get(i), all, folder.path().resolve("home-" + i), run, runs, measured);
                }
            }
            return collected(subjects, measured);
        }
    }

    /** A program, and what it is called where there are several. */
    private record Subject(String name, StartedProgram program) {}

    private static List<Subject> subjects(List<Path> programs) {
        if (programs.isEmpty()) {
            return List.of(new Subject("this program", new StartedProgram(LoadPart.program())));
        }
        List<Subject> subjects = new ArrayList<>();
        for (Path program : programs) {
            if (!Files.isExecutable(program)) {
                throw new UserException(
                        "--program " + program + " is no program that can be started; name an executable");
            }
            subjects.add(new Subject(
                    program.toString(),
                    new StartedProgram(List.of(program.toAbsolutePath().toString()))));
        }
        return subjects;
    }

    /** A home with one document, encoded; the first start also makes the database and unpacks libraries. */
    private static void prepare(Subject subject, List<String> options, Path home, Path folder) throws Exception {
        Path text = folder.resolve(TITLE + ".txt");
        try {
            Files.writeString(text, TEXT);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    text + " can't be written: " + IoReason.of(e) + "; check the disk's free space and permissions",
                    e);
        }
        subject.program().run("", command("ingest", options, home, text.toString()));
        subject.program().run("", command("encode", options, home));
    }

    private static List<String> command(String name, List<String> options, Path home, String... more) {
        List<String> command = new ArrayList<>(List.of(name));
        command.addAll(options);
        command.addAll(List.of("--home", home.toString()));
        command.addAll(List.of(more));
        return command;
    }

    private static void measure(
            Subject subject, List<String> options, Path home, int run, int runs, Map<String, double[]> measured)
            throws Exception {
        List<Double> values = new ArrayList<>();
        values.add(subject.program().run("", List.of("--version")));
        List<String> generate = new ArrayList<>(List.of("model", "generate"));
        generate.addAll(options);
        values.add(subject.program().run(LoadPart.QUESTION, generate));
        try (StartedProgram.Service service = subject.program().serve(command("serve", options, home))) {
            values.add(service.awaitReady());
            double ready = service.residentMegabytes();
            service.answer(QUESTION);
            values.add(service.seconds());
            for (int i = 1; i < ANSWERS; i++) {
                service.answer(QUESTION);
            }
            values.add(ready);
            values.add(service.residentMegabytes());
        }
        int at = 0;
        for (String name : FIGURES.keySet()) {
            double value = values.get(at++);
            if (run >= 0) {
                measured.computeIfAbsent(subject.name() + "\n" + name, key -> new double[runs])[run] = value;
            }
        }
    }

    /** The figures of each program, compared with the first program's. */
    private static List<Figure> collected(List<Subject> subjects, Map<String, double[]> measured) {
        List<Figure> figures = new ArrayList<>();
        FIGURES.forEach((name, unit) -> {
            Spread first = null;
            for (Subject subject : subjects) {
                Spread spread = Spread.of(measured.get(subject.name() + "\n" + name));
                String label = subjects.size() == 1
                        ? name
                        : name + ", " + Path.of(subject.name()).getFileName();
                Figure figure = Figure.of(PART, label, unit, spread);
                figures.add(
                        first == null
                                ? figure
                                : figure.compared(
                                        spread.median() / first.median(),
                                        Path.of(subjects.getFirst().name())
                                                .getFileName()
                                                .toString()));
                first = first == null ? spread : first;
            }
        });
        return figures;
    }
}
