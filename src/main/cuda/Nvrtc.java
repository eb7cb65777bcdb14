import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compiles a kernel file by NVRTC: SOURCE.cu OUT.ptx INCLUDE… . Run by build.sh where there is no nvcc. */
public class Nvrtc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup NVRTC = SymbolLookup.libraryLookup("libnvrtc.so.12", Arena.global());

    private static int call(String name, Object... arguments) throws Throwable {
        ValueLayout[] layouts = new ValueLayout[arguments.length];
        for (int i = 0; i < layouts.length; i++) {
            layouts[i] = arguments[i] instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS;
        }
        MethodHandle handle = LINKER.downcallHandle(
                NVRTC.find(name).orElseThrow(), FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts));
        return (int) handle.invokeWithArguments(arguments);
    }

    private static String text(String what, MemorySegment program, Arena arena) throws Throwable {
        MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
        call("nvrtcGet" + what + "Size", program, size);
        MemorySegment text = arena.allocate(Math.max(1, size.get(ValueLayout.JAVA_LONG, 0)));
        call("nvrtcGet" + what, program, text);
        return text.getString(0);
    }

    public static void main(String[] args) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            String[] options = new String[args.length];
            options[0] = "--gpu-architecture=compute_80";
            options[1] = "--std=c++17";
            for (int i = 2; i < args.length; i++) {
                options[i] = "--include-path=" + args[i];
            }
            MemorySegment list = arena.allocate(ValueLayout.ADDRESS, options.length);
            for (int i = 0; i < options.length; i++) {
                list.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(options[i]));
            }
            MemorySegment handle = arena.allocate(ValueLayout.ADDRESS);
            MemorySegment source = arena.allocateFrom(Files.readString(Path.of(args[0])));
            call(
                    "nvrtcCreateProgram",
                    handle,
                    source,
                    arena.allocateFrom(args[0]),
                    0,
                    MemorySegment.NULL,
                    MemorySegment.NULL);
            MemorySegment program = handle.get(ValueLayout.ADDRESS, 0);
            int result = call("nvrtcCompileProgram", program, options.length, list);
            String log = text("ProgramLog", program, arena);
            if (!log.isBlank()) {
                System.err.print(log);
            }
            if (result != 0) {
                System.exit(1);
            }
            Files.writeString(Path.of(args[1]), text("PTX", program, arena));
        }
    }
}
