package dev.prag.tensor.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The kernels of a device, loaded from the PTX of their family when the first of it is asked for. */
final class Kernels {
    private record Module(String ptx, CUmodule handle) {}

    private final Map<String, Module> modules = new HashMap<>();
    private final Map<String, Kernel> byName = new HashMap<>();
    private final List<Kernel> byIndex = new ArrayList<>();

    /**
     * A kernel. The context must be current on this thread.
     *
     * @param family its file, such as rows for src/main/cuda/rows.cu
     */
    Kernel get(String family, String name) {
        return byName.computeIfAbsent(name, n -> load(family, n));
    }

    Kernel get(int index) {
        return byIndex.get(index);
    }

    private Kernel load(String family, String name) {
        Module module = modules.computeIfAbsent(family, Kernels::load);
        CUfunction function = new CUfunction();
        Driver.check(JCudaDriver.cuModuleGetFunction(function, module.handle(), name), "cuModuleGetFunction " + name);
        Kernel kernel = new Kernel(name, byIndex.size(), Kernel.parameters(module.ptx(), name), function);
        byIndex.add(kernel);
        return kernel;
    }

    private static Module load(String family) {
        try (InputStream in = Kernels.class.getResourceAsStream(family + ".ptx")) {
            if (in == null) {
                throw new IllegalStateException("there is no " + family + ".ptx: run src/main/cuda/build.sh");
            }
            String ptx = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            CUmodule handle = new CUmodule();
            Driver.check(JCudaDriver.cuModuleLoadData(handle, ptx + "\0"), "cuModuleLoadData " + family);
            return new Module(ptx, handle);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
