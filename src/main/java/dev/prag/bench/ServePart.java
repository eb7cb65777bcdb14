package dev.prag.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.base.UserException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A service under load, over both of its APIs: what it answers at most, how long answers take at half of that, and what
 * becomes of ten times as many requests: how many are refused, and whether those that are admitted take as long in the
 * second half of a run as in the first. The service is a process of its own on this machine, whose cores it shares with
 * the clients.
 */
public final class ServePart {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PART = "serve";
    private static final int DOCUMENTS = 50;
    private static final int MOST_TOKENS = 16;
    /** As many as fill the engine's places. */
    private static final int CLIENTS = 64;

    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final double OVERLOAD = 10;

    private ServePart() {}

    /** A way to ask: a path, and the body of a question. */
    private record Face(String name, String path, Body body) {
        interface Body {
            Object of(String question);
        }
    }

    /**
     * Measures a service of the program that runs.
     *
     * @param model a model folder; null where weights are made up, which can't be loaded
     * @param options further options of the program
     * @param runs counted runs
     * @param length of each run of each load
     * @param note told what goes on, and why figures are left out
     * @throws UserException if the service doesn't start or doesn't answer
     */
    public static List<Figure> run(
            Path model, List<String> options, int runs, Duration length, Path temporary, Consumer<String> note)
            throws Exception {
        if (model == null) {
            note.accept("serve is left out: weights that are made up are not loaded; name a folder with --model");
            return List.of();
        }
        List<String> command = new ArrayList<>(
                List.of("serve", "--model", model.toAbsolutePath().toString()));
        command.addAll(options);
        try (TemporaryFolder folder = new TemporaryFolder(temporary)) {
            command.addAll(List.of("--home", folder.path().resolve("home").toString()));
            note.accept("starting a service");
            try (StartedProgram.Service service = new StartedProgram(LoadPart.program()).serve(command);
                    HttpClient client = HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .build()) {
                service.awaitReady();
                return new Measured(client, service.address(), runs, length, note).figures();
            }
        }
    }

    /** One service that is there. */
    private static final class Measured {
        private final HttpClient client;
        private final URI address;
        private final int runs;
        private final Duration length;
        private final Consumer<String> note;
        private final List<String> questions = new ArrayList<>();

        private Measured(HttpClient client, URI address, int runs, Duration length, Consumer<String> note) {
            this.client = client;
            this.address = address;
            this.runs = runs;
            this.length = length;
            this.note = note;
        }

        List<Figure> figures() throws Exception {
            MadeUpText text = new MadeUpText(1);
            List<Map<String, Object>> documents = new ArrayList<>();
            for (int i = 0; i < DOCUMENTS; i++) {
                String words = text.words(60, 100);
                documents.add(Map.of("id", "d" + i, "title", text.words(2, 4), "text", words));
                questions.add(words.substring(0, words.indexOf(' ', 40)));
            }
            expect(request("/documents", documents), 202);
            List<Figure> figures = new ArrayList<>();
            for (Face face : faces()) {
                figures.addAll(of(face));
            }
            return figures;
        }

        private List<Face> faces() throws Exception {
            String models =
                    expect(HttpRequest.newBuilder(address.resolve("/v1/models")).build(), 200);
            String name = JSON.readTree(models).at("/data/0/id").asText();
            return List.of(
                    new Face(
                            "/answers",
                            "/answers",
                            question -> Map.of("question", question, "method", "in-context", "maxTokens", MOST_TOKENS)),
                    new Face(
                            "/v1",
                            "/v1/chat/completions",
                            question -> Map.of(
                                    "model",
                                    name + ":in-context",
                                    "messages",
                                    List.of(Map.of("role", "user", "content", question)),
                                    "max_tokens",
                                    MOST_TOKENS)));
        }

        private List<Figure> of(Face face) throws Exception {
            OpenLoop load = new OpenLoop(client);
            expect(request(face, 0), 200);
            note.accept(face.name() + ": as many as it answers");
            load.closed(CLIENTS, WARM_UP, i -> request(face, i));
            double[] most = new double[runs];
            List<OpenLoop.Outcome> half = new ArrayList<>();
            List<OpenLoop.Outcome> first = new ArrayList<>();
            List<OpenLoop.Outcome> second = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                most[run] = load.closed(CLIENTS, length, i -> request(face, i));
                note.accept(String.format(
                        Locale.ROOT, "%s: half of %.0f a second, then ten times as many", face.name(), most[run]));
                half.add(load.run(most[run] / 2, length, run, i -> request(face, i)));
                first.add(load.run(most[run] * OVERLOAD, length.dividedBy(2), run + 100, i -> request(face, i)));
                second.add(load.run(most[run] * OVERLOAD, length.dividedBy(2), run + 200, i -> request(face, i)));
            }
            List<Figure> figures = new ArrayList<>();
            String name = face.name();
            figures.add(Figure.of(PART, name + ", " + CLIENTS + " clients", "/s", Spread.of(most)));
            for (double share : List.of(.5, .95, .99)) {
                figures.add(time(name + ", half load, p" + Math.round(100 * share), half, share));
            }
            figures.add(time(name + ", 10x load, admitted, p50", second, .5));
            Figure before = time(name + ", 10x load, admitted, p99, first half", first, .99);
            Figure after = time(name + ", 10x load, admitted, p99, second half", second, .99);
            figures.add(before);
            figures.add(after.compared(after.spread().median() / before.spread().median(), "the first half"));
            figures.add(
                    share(name + ", 10x load, refused with Retry-After", second, o -> o.refused() - o.withoutTime()));
            figures.add(share(name + ", 10x load, refused without", second, OpenLoop.Outcome::withoutTime));
            figures.add(share(name + ", 10x load, failed", second, OpenLoop.Outcome::failed));
            return figures;
        }

        private static Figure time(String name, List<OpenLoop.Outcome> runs, double share) {
            return Figure.of(
                    PART,
                    name,
                    "ms",
                    Spread.of(runs.stream()
                            .mapToDouble(outcome -> 1000 * outcome.percentile(share))
                            .toArray()));
        }

        private interface Count {
            int of(OpenLoop.Outcome outcome);
        }

        private static Figure share(String name, List<OpenLoop.Outcome> runs, Count count) {
            return Figure.of(
                    PART,
                    name,
                    "of all",
                    Spread.of(runs.stream()
                            .mapToDouble(outcome -> (double) count.of(outcome) / outcome.requests())
                            .toArray()));
        }

        private HttpRequest request(Face face, int number) {
            return request(face.path(), face.body().of(questions.get(number % questions.size())));
        }

        private HttpRequest request(String path, Object body) {
            try {
                return HttpRequest.newBuilder(address.resolve(path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                        .build();
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The body of a response that has to have this status. */
        private String expect(HttpRequest request, int status) throws Exception {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() != status) {
                throw new UserException(
                        UserException.Kind.ENVIRONMENT,
                        request.uri().getPath() + " was answered with status " + response.statusCode() + ": "
                                + response.body());
            }
            return response.body();
        }
    }
}
