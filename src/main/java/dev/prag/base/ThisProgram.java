package dev.prag.base;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** How this program is started once more, as a process of its own. */
public final class ThisProgram {
    /** Arguments of this JVM that belong to this process alone: streams of the launcher, a debugger's port, recordings. */
    private static final List<String> NOT_PASSED_ON = List.of(
            "-Dprag.stderr.",
            "-agentlib:jdwp",
            "-Xrunjdwp",
            "-XX:StartFlightRecording",
            "-XX:AOTCacheOutput",
            "-XX:AOTMode");

    private ThisProgram() {}

    /** What starts it, before its own arguments: the native executable, else this JVM with the same jar or class. */
    public static List<String> command() {
        String executable = ProcessHandle.current().info().command().orElse("java");
        return NativeImage.isRunning()
                ? List.of(executable)
                : command(
                        executable,
                        ManagementFactory.getRuntimeMXBean().getInputArguments(),
                        System.getProperty("java.class.path"),
                        System.getProperty("sun.java.command", ""));
    }

    /**
     * The command line of a JVM that runs the same program.
     *
     * @param java path of the executable
     * @param arguments that JVM's own, before the program
     * @param classPath the path of the jar alone where it was started with {@code -jar}
     * @param started the jar or the main class, then the arguments of the program
     */
    static List<String> command(String java, List<String> arguments, String classPath, String started) {
        List<String> command = new ArrayList<>();
        command.add(java);
        arguments.stream()
                .filter(argument -> NOT_PASSED_ON.stream().noneMatch(argument::startsWith))
                .forEach(command::add);
        if (classPath.endsWith(".jar") && started.startsWith(classPath)) {
            command.addAll(List.of("-jar", classPath));
        } else {
            command.addAll(List.of("-cp", classPath, started.split(" ", 2)[0]));
        }
        return command;
    }
}
