package dev.prag.tensor.cuda;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.driver.CUfunction;

/**
 * A kernel that was loaded.
 *
 * @param index its place among all kernels of a device, by which commands name it
 * @param parameters a letter each: l for 64 bits (a pointer or a long long), i for int, f for float
 */
record Kernel(String name, int index, String parameters, CUfunction function) {
    private static final Pattern PARAMETER = Pattern.compile("\\.param\\s+\\.(\\w+)");

    /** Parameters of a kernel as its PTX declares them. */
    static String parameters(String ptx, String name) {
        Matcher entry =
                Pattern.compile("\\.entry\\s+" + name + "\\s*\\(([^)]*)\\)").matcher(ptx);
        if (!entry.find()) {
            throw new IllegalStateException("there is no kernel " + name);
        }
        StringBuilder letters = new StringBuilder();
        Matcher parameter = PARAMETER.matcher(entry.group(1));
        while (parameter.find()) {
            letters.append(
                    switch (parameter.group(1)) {
                        case "u64", "s64", "b64" -> 'l';
                        case "u32", "s32", "b32" -> 'i';
                        case "f32" -> 'f';
                        default ->
                            throw new IllegalStateException(name + " has a parameter of type " + parameter.group(1));
                    });
        }
        return letters.toString();
    }
}
