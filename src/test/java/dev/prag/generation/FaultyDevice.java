package dev.prag.generation;

import dev.prag.tensor.Device;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;

/** A device one of whose operations fails when that is asked for. */
final class FaultyDevice implements InvocationHandler {
    /** What fails. */
    static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fault() {
            super("a fault that the test asked for");
        }
    }

    private static final Set<String> MEMORY = Set.of("allocate", "weight", "release", "close");

    private final Device below;
    private int left = -1;

    FaultyDevice(Device below) {
        this.below = below;
    }

    Device device() {
        return (Device) Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[] {Device.class}, this);
    }

    /** So many operations are done, then one fails; -1 for none. */
    void failAfter(int operations) {
        left = operations;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
        if (left >= 0 && !MEMORY.contains(method.getName()) && left-- == 0) {
            throw new Fault();
        }
        try {
            return method.invoke(below, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
