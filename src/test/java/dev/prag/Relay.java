package dev.prag;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.IntSupplier;

/** A port that is open before the server is which it leads to: connections are passed on, byte by byte. */
public final class Relay implements AutoCloseable {
    private final ServerSocket door;

    /** @param behind the port that it leads to; asked for at each connection */
    public Relay(IntSupplier behind) throws IOException {
        door = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket client = door.accept();
                    join(client, new Socket(door.getInetAddress(), behind.getAsInt()));
                }
            } catch (IOException e) {
                // It is closed.
            }
        });
    }

    public int port() {
        return door.getLocalPort();
    }

    /** Hands what each of them sends to the other, until one of them hangs up. */
    public static void join(Socket client, Socket server) {
        pump(client, server);
        pump(server, client);
    }

    private static void pump(Socket from, Socket to) {
        Thread.ofVirtual().start(() -> {
            try (from;
                    to) {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException e) {
                // One of them has hung up.
            }
        });
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
