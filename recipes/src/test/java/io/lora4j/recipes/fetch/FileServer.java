package io.lora4j.recipes.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server of files on this machine, with ranges under a validator, and connections that break. */
final class FileServer implements AutoCloseable {
    private static final String PATH = "/glue/data/";

    private final HttpServer server;
    /** Content by name. */
    final Map<String, byte[]> files = new ConcurrentHashMap<>();
    /** What was asked: name, and range and validator if there were any. */
    final List<String> seen = new CopyOnWriteArrayList<>();
    /** The next connections break after so many bytes. */
    final List<Integer> cuts = new CopyOnWriteArrayList<>();

    volatile String etag = "\"one\"";

    FileServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(PATH, this::answer);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + PATH);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String name = exchange.getRequestURI().getPath().substring(PATH.length());
            String range = exchange.getRequestHeaders().getFirst("Range");
            String validator = exchange.getRequestHeaders().getFirst("If-Range");
            seen.add(name + (range == null ? "" : " " + range + " if " + validator));
            byte[] content = files.get(name);
            if (content == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            int from = range != null && etag.equals(validator)
                    ? Integer.parseInt(range.substring("bytes=".length(), range.length() - 1))
                    : 0;
            exchange.getResponseHeaders().set("ETag", etag);
            if (from > 0) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            }
            byte[] rest = Arrays.copyOfRange(content, from, content.length);
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, rest.length);
            int until = cuts.isEmpty() ? rest.length : cuts.remove(0);
            OutputStream out = exchange.getResponseBody();
            out.write(rest, 0, until);
            out.flush();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
