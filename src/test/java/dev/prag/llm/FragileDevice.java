package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.tensor.Device;
import dev.prag.tensor.DeviceLostException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.OptionalLong;
import java.util.Set;

/** A device with memory of its own that runs out of it, or is lost, when a test asks for that. */
public final class FragileDevice implements InvocationHandler {
    public static final String LOSS = "the GPU stopped working (a test); start the program again";

    /** What works on a lost device, too: it only forgets. */
    private static final Set<String> ALWAYS = Set.of("release", "close", "name", "turns", "room", "cacheTypes");

    private final Device below;
    private volatile boolean lost;
    private volatile boolean full;
    private volatile long room = Long.MAX_VALUE;

    public FragileDevice(Device below) {
        this.below = below;
    }

    public Device device() {
        return (Device) Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[] {Device.class}, this);
    }

    /** From now on every operation says that the device is lost. */
    public void lose() {
        lost = true;
    }

    /** The next attention finds no memory for what it needs. */
    public void fillOnce() {
        full = true;
    }

    /** What it says that may still be allocated. */
    public FragileDevice withRoom(long bytes) {
        room = bytes;
        return this;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
        if (method.getName().equals("room")) {
            return OptionalLong.of(room);
        }
        if (lost && !ALWAYS.contains(method.getName())) {
            throw new DeviceLostException(LOSS);
        }
        if (full && method.getName().equals("attention")) {
            full = false;
            throw new UserException(UserException.Kind.TOO_LARGE, "the GPU has no room for 7.0 MiB more");
        }
        try {
            return method.invoke(below, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
