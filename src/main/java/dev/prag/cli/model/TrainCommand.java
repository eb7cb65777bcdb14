package dev.prag.cli.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.Adapter;
import dev.prag.lora.PeftFolder;
import dev.prag.lora.Projection;
import dev.prag.training.Sample;
import dev.prag.training.Trainer;
import dev.prag.training.TrainingJob;
import dev.prag.training.TrainingRecipe;
import dev.prag.training.TrainingRecipe.LossOn;
import dev.prag.training.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag model train}. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = {
            "Train an adapter on samples, and write it as a PEFT folder.",
            "",
            "Samples are lines {\"ids\":[…],\"answer_from\":n} or {\"messages\":[…]}, where the answer is the last"
                    + " turn, the assistant's. One sample is a step; they are seen in their order, epoch after epoch. Each"
                    + " step prints {\"step\":i,\"loss\":x}, the loss being that before the step.",
            ""
        })
final class TrainCommand implements Callable<Integer> {
    private static final String ALL_LINEAR = "all-linear";

    @Mixin
    private ModelOptions options;

    @Option(
            names = "--samples",
            paramLabel = "FILE",
            required = true,
            description = "Lines of JSON; - is standard input.")
    private Path samples;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder to write: not there yet, empty, or an adapter, which is replaced.")
    private Path out;

    @Option(
            names = "--init",
            paramLabel = "DIR",
            description = "Start from this adapter instead of A random and B zero; it gives rank, alpha and targets.")
    private Path init;

    @Option(names = "--rank", paramLabel = "N", description = "Rank of the adapter. Default: 2.")
    private Integer rank;

    @Option(names = "--alpha", paramLabel = "X", description = "Scaling is alpha/rank. Default: 32.")
    private Float alpha;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            defaultValue = "3e-4",
            description = "Constant. Default: 3e-4.")
    private float learningRate;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "1", description = "Default: 1.")
    private int epochs;

    @Option(
            names = "--loss-on",
            paramLabel = "all|answer",
            defaultValue = "all",
            description = "Learn all tokens, or those of the answer. Default: all.")
    private String lossOn;

    @Option(
            names = "--targets",
            paramLabel = "NAMES",
            description = "Projections to adapt, with commas between, or " + ALL_LINEAR
                    + ". Default: gate_proj,up_proj,down_proj.")
    private String targets;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of the random A. Default: 1.")
    private long seed;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter lines = spec.commandLine().getOut();
        LossOn loss = lossOn();
        Set<Projection> chosen = targets == null ? null : targets(targets);
        AdapterFolder folder = AdapterFolder.check(out);
        ModelFolder model = options.openFolder();
        Adapter start =
                init == null ? null : PeftFolder.read(init, model.config().decoderShape());
        TrainingRecipe recipe = recipe(start, chosen, loss);
        try (OpenModel open = OpenModel.open(model, options, List.of())) {
            Prompts prompts = LineCommand.prompts(open.model());
            List<Sample> read = new TrainingSamples(prompts, loss).read(samples);
            int longest = read.stream().mapToInt(s -> s.ids().length).max().orElseThrow();
            try (Trainer trainer = new Trainer(open.model().decoder(), longest)) {
                TrainingJob job = new TrainingJob(samples.toString(), read, start);
                TrainingResult result = trainer.train(List.of(job), recipe, (index, step, value) -> {
                            ObjectNode line = LineCommand.JSON.createObjectNode();
                            LineCommand.write(lines, line.put("step", step).put("loss", value));
                        })
                        .getFirst();
                if (result.diverged()) {
                    throw new UserException("the training diverged: the losses of its last steps were "
                            + result.lastLosses() + ", and nothing is written; give a smaller --learning-rate than "
                            + learningRate);
                }
                folder.write(result.adapter(), model.path().toString());
            }
        }
        return 0;
    }

    private LossOn lossOn() {
        return switch (lossOn.toLowerCase(Locale.ROOT)) {
            case "all" -> LossOn.ALL;
            case "answer" -> LossOn.ANSWER;
            default -> throw new UserException("--loss-on " + lossOn + ": not known; choose all or answer");
        };
    }

    private static Set<Projection> targets(String names) {
        if (names.equals(ALL_LINEAR)) {
            return EnumSet.allOf(Projection.class);
        }
        Set<Projection> chosen = EnumSet.noneOf(Projection.class);
        for (String name : names.split(",", -1)) {
            chosen.add(Projection.ofModuleName(name.strip())
                    .orElseThrow(() -> new UserException("--targets " + names + ": there is no projection \""
                            + name.strip() + "\"; choose from q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj,"
                            + " down_proj, or give " + ALL_LINEAR)));
        }
        return chosen;
    }

    private TrainingRecipe recipe(Adapter start, Set<Projection> chosen, LossOn loss) {
        if (start == null) {
            return new TrainingRecipe(
                    rank == null ? 2 : rank,
                    alpha == null ? 32 : alpha,
                    chosen == null ? EnumSet.of(Projection.GATE, Projection.UP, Projection.DOWN) : chosen,
                    learningRate,
                    epochs,
                    loss,
                    seed);
        }
        agree("--rank", rank, start.rank());
        agree("--alpha", alpha, start.alpha());
        agree("--targets", chosen == null ? null : names(chosen), names(start.projections()));
        return new TrainingRecipe(start.rank(), start.alpha(), start.projections(), learningRate, epochs, loss, seed);
    }

    private static String names(Set<Projection> projections) {
        return projections.stream().sorted().map(Projection::moduleName).collect(Collectors.joining(","));
    }

    private void agree(String option, Object given, Object has) {
        if (given != null && !given.equals(has)) {
            throw new UserException(option + " " + given + " contradicts --init " + init + ", which has " + has
                    + "; leave " + option + " out, or start from another adapter");
        }
    }
}
