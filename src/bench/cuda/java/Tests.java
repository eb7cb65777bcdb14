import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.opentest4j.TestAbortedException;

/** Runs test classes by their names; a line for each that fails, then their numbers. */
public final class Tests {
    private static final int SHOWN = 40;

    private Tests() {}

    /** Leaves out what runs on the processor's own device, whose library isn't packed. */
    public static final class OnGpu implements ExecutionCondition, TestExecutionExceptionHandler {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return context.getDisplayName().matches(".*\\bCPU\\b.*")
                    ? ConditionEvaluationResult.disabled("the processor's device is not packed")
                    : ConditionEvaluationResult.enabled("it runs here");
        }

        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable error) throws Throwable {
            if (error instanceof NoClassDefFoundError missing
                    && (missing.getMessage().contains("bytedeco") || missing.getMessage().contains("OneDnn"))) {
                throw new TestAbortedException("the processor's device is not packed");
            }
            throw error;
        }
    }

    public static void main(String... names) {
        List<DiscoverySelector> classes = new ArrayList<>();
        for (String name : names) {
            try {
                classes.add(DiscoverySelectors.selectClass(Class.forName(name, false, Tests.class.getClassLoader())));
            } catch (ClassNotFoundException e) {
                System.out.println("there is no test " + name);
            }
        }
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        Instant begin = Instant.now();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(classes)
                                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                                .build(),
                        listener);
        TestExecutionSummary summary = listener.getSummary();
        PrintWriter out = new PrintWriter(System.out, true);
        summary.getFailures().stream()
                .limit(SHOWN)
                .forEach(failure -> out.printf(
                        "failed: %s %s: %s%n",
                        failure.getTestIdentifier().getLegacyReportingName(),
                        failure.getTestIdentifier().getDisplayName(),
                        String.valueOf(failure.getException()).lines().findFirst().orElse("")));
        out.printf(
                "tests: %d passed, %d failed, %d skipped, in %d s%n",
                summary.getTestsSucceededCount(),
                summary.getTestsFailedCount(),
                summary.getTestsSkippedCount() + summary.getTestsAbortedCount(),
                Duration.between(begin, Instant.now()).toSeconds());
        System.exit(summary.getTotalFailureCount() == 0 && summary.getTestsSucceededCount() > 0 ? 0 : 1);
    }
}
