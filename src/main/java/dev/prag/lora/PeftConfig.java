package dev.prag.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.JsonMistake;
import dev.prag.base.PatternBudget;
import dev.prag.base.UserException;
import dev.prag.lora.Adapter.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What {@code adapter_config.json} of PEFT says, as far as it is supported; everything else in it that would change the
 * adapter's meaning is refused by name.
 *
 * @param targets whether a module's path, such as {@code model.layers.0.mlp.gate_proj}, is targeted
 */
record PeftConfig(int rank, float alpha, boolean rsLora, Predicate<String> targets) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Fields that have to be absent, null, false or empty, and what to do where they aren't. */
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("use_dora", "DoRA"),
            Map.entry("modules_to_save", "fully trained modules"),
            Map.entry("layers_to_transform", "a choice of layers by number"),
            Map.entry("rank_pattern", "a rank of its own for some modules"),
            Map.entry("alpha_pattern", "an alpha of its own for some modules"),
            Map.entry("lora_bias", "bias"),
            Map.entry("fan_in_fan_out", "transposed weights"),
            Map.entry("exclude_modules", "excluded modules"),
            Map.entry("layer_replication", "replicated layers"),
            Map.entry("target_parameters", "adapters on bare parameters"),
            Map.entry("trainable_token_indices", "trained embeddings"),
            Map.entry("alora_invocation_tokens", "activated LoRA"),
            Map.entry("use_qalora", "QALoRA"),
            Map.entry("use_bdlora", "block-diagonal LoRA"),
            Map.entry("arrow_config", "Arrow"),
            Map.entry("kasa_config", "KaSA"),
            Map.entry("velora_config", "VeLoRA"),
            Map.entry("monteclora_config", "MonteCLoRA"));

    /** Characters that a regular expression may look at for one module's path, which has some forty. */
    private static final long STEPS_PER_MODULE = 10_000;

    /** Ways of starting that change the base weights, without which the adapter means something else. */
    private static final Set<String> REFUSED_STARTS = Set.of("pissa", "olora", "corda", "loftq", "lora_ga");

    /** @param origin the file, for messages */
    static PeftConfig parse(String text, String origin) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    origin + " is not JSON: " + JsonMistake.said(e) + "; copy the adapter's folder again",
                    e);
        }
        String type = root.path("peft_type").asText("missing");
        if (!type.equals("LORA")) {
            throw new UserException(origin + ": peft_type " + type + " is not supported; train with LORA");
        }
        String bias = root.path("bias").asText("none");
        if (!bias.equals("none")) {
            throw new UserException(origin + ": bias " + bias + " is not supported; train with bias none");
        }
        REFUSED.forEach((field, meaning) -> {
            if (isSet(root.path(field))) {
                throw new UserException(
                        origin + ": " + field + " (" + meaning + ") is not supported; train the adapter without it");
            }
        });
        String start = root.path("init_lora_weights").asText("true");
        if (REFUSED_STARTS.stream().anyMatch(start::startsWith)) {
            throw new UserException(origin + ": init_lora_weights " + start + " is not supported, since it changes the"
                    + " base weights; convert the adapter to plain LoRA with PEFT");
        }
        return new PeftConfig(
                rank(root.path("r"), origin),
                alpha(root.path("lora_alpha"), origin),
                root.path("use_rslora").asBoolean(false),
                targets(root.path("target_modules"), origin));
    }

    private static boolean isSet(JsonNode field) {
        if (field.isContainerNode()) {
            return !field.isEmpty();
        }
        return !field.isMissingNode() && !field.isNull() && !(field.isBoolean() && !field.booleanValue());
    }

    private static int rank(JsonNode field, String origin) {
        if (!field.canConvertToInt() || !field.isIntegralNumber() || field.intValue() < 1) {
            throw new UserException(origin + ": r is " + shown(field) + "; it has to be a rank of at least 1");
        }
        return field.intValue();
    }

    private static float alpha(JsonNode field, String origin) {
        if (!field.isNumber() || !Float.isFinite(field.floatValue())) {
            throw new UserException(origin + ": lora_alpha is " + shown(field) + "; it has to be a number");
        }
        return field.floatValue();
    }

    private static String shown(JsonNode field) {
        return field.isMissingNode() ? "missing" : field.toString();
    }

    /** A list of names that a path ends in, a regular expression for the whole path, or "all-linear". */
    private static Predicate<String> targets(JsonNode field, String origin) {
        if (field.isTextual()) {
            String text = field.textValue();
            if (text.equals("all-linear")) {
                return path -> true;
            }
            try {
                Pattern pattern = PatternBudget.compile(text, origin + ": target_modules", Pattern::compile);
                return path -> PatternBudget.run(
                        pattern, path, STEPS_PER_MODULE, origin + ": target_modules", Matcher::matches);
            } catch (PatternSyntaxException e) {
                throw new UserException(
                        UserException.Kind.BAD_INPUT,
                        origin + ": target_modules " + text + " is not a regular expression: " + e.getDescription()
                                + "; list the modules instead",
                        e);
            }
        }
        if (!field.isArray() || field.isEmpty()) {
            throw new UserException(origin + ": target_modules is " + shown(field)
                    + "; it has to be a list of module names, a regular expression or all-linear");
        }
        List<String> names = new ArrayList<>();
        for (JsonNode name : field) {
            names.add(supported(name.asText(), origin));
        }
        return path -> names.stream().anyMatch(name -> path.equals(name) || path.endsWith("." + name));
    }

    private static String supported(String name, String origin) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        if (Projection.ofModuleName(last).isEmpty()) {
            throw new UserException(origin + ": target_modules names " + name
                    + ", which is not supported; only the seven projections of a decoder layer are");
        }
        return name;
    }

    /** The file for an adapter. */
    static String write(Adapter adapter, String baseModel) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("alpha_pattern");
        root.putNull("auto_mapping");
        root.put("base_model_name_or_path", baseModel);
        root.put("bias", "none");
        root.put("fan_in_fan_out", false);
        root.put("inference_mode", true);
        root.put("init_lora_weights", true);
        root.putNull("layers_pattern");
        root.putNull("layers_to_transform");
        float alpha = adapter.alpha();
        if (alpha == Math.rint(alpha) && Math.abs(alpha) < 1e6) {
            root.put("lora_alpha", (int) alpha);
        } else {
            root.put("lora_alpha", alpha);
        }
        root.put("lora_bias", false);
        root.put("lora_dropout", 0.0);
        root.putNull("modules_to_save");
        root.put("peft_type", "LORA");
        root.put("r", adapter.rank());
        root.putObject("rank_pattern");
        root.putNull("revision");
        ArrayNode targets = root.putArray("target_modules");
        targetNames(adapter).forEach(targets::add);
        root.put("task_type", "CAUSAL_LM");
        root.put("use_dora", false);
        root.put("use_rslora", adapter.rsLora());
        return root.toPrettyString() + "\n";
    }

    /** Module names where every layer is targeted alike, whole paths otherwise. */
    private static Set<String> targetNames(Adapter adapter) {
        Set<String> names = new TreeSet<>();
        Set<Projection> projections = adapter.projections();
        int layers = adapter.updates().lastKey().layer() + 1;
        if (adapter.updates().size() == layers * projections.size()) {
            projections.forEach(projection -> names.add(projection.moduleName()));
        } else {
            for (Target target : adapter.updates().keySet()) {
                names.add(PeftNames.module(target));
            }
        }
        return names;
    }
}
