package dev.prag.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.devices.DeviceChoice;
import dev.prag.devices.DeviceList;
import dev.prag.tensor.cuda.CudaInfo;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag device}. */
@Command(
        name = "device",
        mixinStandardHelpOptions = true,
        description = {
            "List what can compute on this machine, the processor and every GPU, and say why a GPU can't be used.",
            "",
            "The first word of a line is what --device takes.",
            ""
        })
public final class DeviceCommand implements Callable<Integer> {
    private static final double GIB = 1L << 30;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        DeviceList devices = DeviceList.here();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonMapper.builder().build().writeValueAsString(toJson(devices)));
        } else {
            print(devices, out);
        }
        out.flush();
        return 0;
    }

    /** Lines for people. */
    static void print(DeviceList devices, PrintWriter out) {
        line(out, DeviceChoice.CPU, devices.processor());
        for (CudaInfo gpu : devices.gpus().devices()) {
            line(out, DeviceList.word(gpu), described(gpu));
            if (gpu.problem() != null) {
                line(out, "", "can't be used: " + gpu.problem());
            }
        }
        if (devices.gpus().driver() != null) {
            line(out, "driver", devices.gpus().driver());
        }
        if (devices.gpus().problem() != null) {
            line(out, "no GPU", devices.gpus().problem());
        }
        line(out, DeviceChoice.AUTO, "takes " + devices.automatic());
    }

    private static void line(PrintWriter out, String name, String text) {
        out.printf("%-8s %s%n", name, text);
    }

    private static String described(CudaInfo gpu) {
        String free = gpu.freeBytes() == 0 ? "" : String.format(Locale.ROOT, "%.1f of ", gpu.freeBytes() / GIB);
        return String.format(
                Locale.ROOT,
                "%s, %s%.1f GiB%s, compute capability %s",
                gpu.name(),
                free,
                gpu.totalBytes() / GIB,
                free.isEmpty() ? "" : " free",
                gpu.capability());
    }

    /** The same for programs. */
    static ObjectNode toJson(DeviceList devices) {
        ObjectNode node = JsonMapper.builder().build().createObjectNode();
        ArrayNode list = node.putArray("devices");
        list.addObject()
                .put("device", DeviceChoice.CPU)
                .put("name", devices.processor())
                .put("usable", true)
                .put("threads", devices.threads());
        for (CudaInfo gpu : devices.gpus().devices()) {
            boolean usable = gpu.problem() == null && devices.gpus().problem() == null;
            ObjectNode entry = list.addObject()
                    .put("device", DeviceList.word(gpu))
                    .put("name", gpu.name())
                    .put("usable", usable)
                    .put("computeCapability", gpu.capability())
                    .put("memoryBytes", gpu.totalBytes())
                    .put("freeBytes", gpu.freeBytes());
            if (gpu.problem() != null) {
                entry.put("problem", gpu.problem());
            }
        }
        if (devices.gpus().driver() != null) {
            node.put("driver", devices.gpus().driver());
        }
        if (devices.gpus().problem() != null) {
            node.put("problem", devices.gpus().problem());
        }
        return node.put("auto", devices.automatic());
    }
}
