package dev.prag.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.augmentation.PromptSet;
import dev.prag.generation.Scorer;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterFormat;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.Projection;
import dev.prag.lora.ResidentAdapter;
import dev.prag.parameterization.SampleBuilder;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.training.Sample;
import dev.prag.training.StepListener;
import dev.prag.training.Trainer;
import dev.prag.training.TrainingJob;
import dev.prag.training.TrainingRecipe;
import dev.prag.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What writing adapters in fewer bits costs: adapters of the demo's passages, trained on the demo's questions about them,
 * in each format: their size, the loss of the answers where the question stands alone, and how many answers change.
 */
final class AdaptersPart {
    private static final String PART = "adapters";
    private static final int RANK = 2;
    private static final int ROWS = 2048;
    /** As the demo's own recipe. */
    private static final TrainingRecipe RECIPE = new TrainingRecipe(
            RANK,
            32,
            EnumSet.of(Projection.GATE, Projection.UP, Projection.DOWN),
            3e-3f,
            2,
            TrainingRecipe.LossOn.ALL,
            1);

    private AdaptersPart() {}

    /** What is learned of a passage, and its questions alone. */
    private record Lesson(TrainingJob job, List<Sample> questions) {}

    /**
     * Of all answers under one format.
     *
     * @param best of each answer, the tokens that are most probable at its places
     */
    private record Answers(long bytes, double loss, List<List<Integer>> best) {}

    /** @param demo the folder of the demo */
    static List<Figure> run(Path demo, DType dtype, Device device) throws IOException {
        try (LanguageModel model = LanguageModel.open(ModelFolder.open(demo.resolve("model")), device, dtype, 1024)) {
            List<Lesson> lessons = lessons(model, demo.resolve("small"));
            List<TrainingResult> trained;
            try (Trainer trainer = new Trainer(model.decoder(), ROWS)) {
                trained = trainer.train(lessons.stream().map(Lesson::job).toList(), RECIPE, StepListener.NONE);
            }
            Map<AdapterFormat, Answers> answers = new LinkedHashMap<>();
            for (AdapterFormat format : AdapterFormat.values()) {
                answers.put(format, answers(model, lessons, trained, format));
            }
            return figures(answers, lessons.size());
        }
    }

    private static List<Figure> figures(Map<AdapterFormat, Answers> all, int adapters) {
        List<Figure> figures = new ArrayList<>();
        Answers exact = all.get(AdapterFormat.F32);
        all.forEach((format, answers) -> {
            figures.add(
                    Figure.of(PART, "size, " + format.label(), "bytes", Spread.of((double) answers.bytes / adapters)));
            figures.add(Figure.of(PART, "loss of answers, " + format.label(), "nats", Spread.of(answers.loss)));
            if (format != AdapterFormat.F32) {
                int changed = 0;
                for (int i = 0; i < exact.best.size(); i++) {
                    changed += exact.best.get(i).equals(answers.best.get(i)) ? 0 : 1;
                }
                figures.add(Figure.of(
                        PART, "loss, " + format.label() + " - f32", "nats", Spread.of(answers.loss - exact.loss)));
                figures.add(Figure.of(
                        PART,
                        "of " + exact.best.size() + " answers changed, " + format.label(),
                        "answers",
                        Spread.of(changed)));
            }
        });
        return figures;
    }

    private static List<Lesson> lessons(LanguageModel model, Path corpus) throws IOException {
        Map<String, List<Pair>> pairs = new LinkedHashMap<>();
        for (JsonNode question : lines(corpus.resolve("questions.jsonl"))) {
            if (question.path("gold").size() == 1) {
                pairs.computeIfAbsent(question.path("gold").get(0).asText(), any -> new ArrayList<>())
                        .add(new Pair(
                                question.path("question").asText(),
                                question.path("answer").asText(),
                                question.path("full_answer").asText()));
            }
        }
        PromptSet prompts = PromptSet.named("demo");
        SampleBuilder builder = new SampleBuilder(model, prompts, false);
        List<Lesson> lessons = new ArrayList<>();
        for (JsonNode passage : lines(corpus.resolve("passages.jsonl"))) {
            List<Pair> about = pairs.get(passage.path("title").asText());
            if (about != null) {
                String text = passage.path("text").asText();
                // The first half of the pairs is learned with the passage, the others without: each of them both ways.
                List<Pair> twice = new ArrayList<>(about);
                twice.addAll(about);
                List<Sample> samples = builder.build(text, new Augmentation(List.of(), twice, List.of()));
                List<Sample> alone = about.stream()
                        .map(pair -> SampleBuilder.ofChat(model, prompts.sample(List.of(), pair, false)))
                        .toList();
                lessons.add(new Lesson(new TrainingJob(passage.path("title").asText(), samples, null), alone));
            }
        }
        return lessons;
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        JsonMapper json = JsonMapper.builder().build();
        List<JsonNode> nodes = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            nodes.add(json.readTree(line));
        }
        return nodes;
    }

    private static Answers answers(
            LanguageModel model, List<Lesson> lessons, List<TrainingResult> trained, AdapterFormat format) {
        Adapter any = trained.getFirst().adapter();
        long bytes = 0;
        double loss = 0;
        long tokens = 0;
        List<List<Integer>> best = new ArrayList<>();
        try (AdapterSlab slab = new AdapterSlab(
                        model.decoder().device(), model.config().decoderShape(), AdapterSlab.footprint(any));
                Scorer scorer = new Scorer(model.decoder())) {
            for (int i = 0; i < lessons.size(); i++) {
                byte[] written = AdapterCodec.encode(trained.get(i).adapter(), Map.of(), format);
                bytes += written.length;
                try (ResidentAdapter adapter = slab.load(AdapterCodec.open(written, "adapter"))) {
                    Composition composition = new Composition(List.of(new Composition.Term(adapter, 1)));
                    for (Sample question : lessons.get(i).questions()) {
                        Scorer.Scores scores = scorer.score(question.ids(), composition, 1);
                        List<Integer> tops = new ArrayList<>();
                        for (int at = question.answerFrom(); at < question.ids().length; at++) {
                            loss -= scores.logprobs()[at - 1];
                            tokens++;
                            tops.add(scores.top().get(at - 1).ids()[0]);
                        }
                        best.add(tops);
                    }
                }
            }
        }
        return new Answers(bytes, loss / tokens, best);
    }
}
