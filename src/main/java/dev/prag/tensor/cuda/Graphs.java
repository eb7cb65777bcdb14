package dev.prag.tensor.cuda;

import java.util.LinkedHashMap;
import java.util.Map;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Recordings that came before, by their words. The first time one is issued command by command; the second time it is
 * captured into a graph, which is launched from then on. Those that weren't needed for longest are given up.
 */
final class Graphs {
    private static final int KEPT = 128;
    private static final int THREAD_LOCAL = 1;

    private static final class Recording {
        private final long[] words;
        private CUgraphExec graph;

        Recording(long[] words) {
            this.words = words;
        }
    }

    private final CUstream stream;
    private final Issuer issuer;
    private final Map<Long, Recording> recordings = new LinkedHashMap<>(16, 0.75f, true);
    private long launched;
    private long captured;

    Graphs(CUstream stream, Issuer issuer) {
        this.stream = stream;
        this.issuer = issuer;
    }

    /** Runs what was recorded. */
    void run(Commands commands) {
        long hash = commands.hash();
        Recording known = recordings.get(hash);
        if (known == null || !commands.are(known.words)) {
            keep(hash, new Recording(commands.copy()));
            issuer.issue(commands);
            return;
        }
        if (known.graph == null) {
            known.graph = capture(commands);
            captured++;
        }
        Driver.check(JCudaDriver.cuGraphLaunch(known.graph, stream), "cuGraphLaunch");
        launched++;
    }

    private void keep(long hash, Recording recording) {
        destroy(recordings.put(hash, recording));
        if (recordings.size() > KEPT) {
            Long eldest = recordings.keySet().iterator().next();
            destroy(recordings.remove(eldest));
        }
    }

    private CUgraphExec capture(Commands commands) {
        Driver.check(JCudaDriver.cuStreamBeginCapture(stream, THREAD_LOCAL), "cuStreamBeginCapture");
        CUgraph graph = new CUgraph();
        try {
            issuer.issue(commands);
        } finally {
            // Also after an error, or the stream would go on capturing.
            Driver.check(JCudaDriver.cuStreamEndCapture(stream, graph), "cuStreamEndCapture");
        }
        CUgraphExec executable = new CUgraphExec();
        try {
            Driver.check(JCudaDriver.cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate");
        } finally {
            JCudaDriver.cuGraphDestroy(graph);
        }
        return executable;
    }

    private static void destroy(Recording recording) {
        if (recording != null && recording.graph != null) {
            JCudaDriver.cuGraphExecDestroy(recording.graph);
        }
    }

    /** Recordings that ran as a graph. */
    long launched() {
        return launched;
    }

    /** Graphs that were made. */
    long captured() {
        return captured;
    }

    void close() {
        recordings.values().forEach(Graphs::destroy);
        recordings.clear();
    }
}
