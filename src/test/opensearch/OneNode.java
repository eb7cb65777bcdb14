import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.analysis.common.CommonAnalysisModulePlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.PluginInfo;
import org.opensearch.transport.Netty4ModulePlugin;

/** A node of OpenSearch on loopback, until standard input ends: run by Java from this file, with its own class path. */
public class OneNode extends Node {
    OneNode(Settings settings, Collection<PluginInfo> plugins) {
        super(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "node"), plugins, true);
    }

    private static PluginInfo plugin(Class<? extends Plugin> type) {
        return new PluginInfo(
                type.getSimpleName(), "class path", "", Version.CURRENT, "21", type.getName(), null, List.of(), false);
    }

    /** Arguments: a folder, and the port of its REST interface. */
    public static void main(String[] args) throws Exception {
        Settings settings = Settings.builder()
                .put("path.home", Path.of(args[0]))
                .put("cluster.name", "test")
                .put("node.name", "node")
                .put("discovery.type", "single-node")
                .put("network.host", "127.0.0.1")
                .put("http.port", args[1])
                .put("transport.port", "0")
                .put("transport.type", "netty4")
                .put("http.type", "netty4")
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build();
        try (OneNode node = new OneNode(
                settings, List.of(plugin(Netty4ModulePlugin.class), plugin(CommonAnalysisModulePlugin.class)))) {
            node.start();
            System.in.transferTo(System.out);
        }
        System.exit(0);
    }
}
