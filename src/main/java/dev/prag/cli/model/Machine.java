package dev.prag.cli.model;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory of this machine, or of the container.
 *
 * @param total bytes
 * @param available bytes that other programs leave; what files occupy counts as available
 */
record Machine(long total, long available) {
    private static final Path FIGURES = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";

    static Machine here() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long total = system.getTotalMemorySize();
        return new Machine(total, Math.min(total, available(system)));
    }

    private static long available(OperatingSystemMXBean system) {
        if (Files.isReadable(FIGURES)) {
            try {
                for (String line : Files.readAllLines(FIGURES)) {
                    if (line.startsWith(AVAILABLE)) {
                        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
                    }
                }
            } catch (IOException e) {
                return system.getFreeMemorySize();
            }
        }
        return system.getFreeMemorySize();
    }
}
