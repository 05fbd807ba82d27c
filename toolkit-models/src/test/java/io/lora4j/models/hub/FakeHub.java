package io.lora4j.models.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Two servers on the loopback interface: the hub, which serves small files itself (ETag: git's hash) and redirects large ones, and the host
 * of large files (SHA-256 in the hub's X-Linked-Etag). What is to go wrong is set before a request.
 */
final class FakeHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    static final String REPOSITORY = "org/tiny";

    /** A request as the server saw it. */
    record Seen(String method, String path, String range, String authorization, boolean large) {}

    final Map<String, byte[]> files = new TreeMap<>();
    final List<Seen> seen = new CopyOnWriteArrayList<>();
    /** Name to the number of bytes after which the next connections are cut, one entry for each. */
    final Map<String, List<Integer>> cuts = new ConcurrentHashMap<>();
    /** Name to status, for HEAD and GET. */
    final Map<String, Integer> statuses = new ConcurrentHashMap<>();
    /** Name to other bytes than those the checksum is of. */
    final Map<String, byte[]> lies = new ConcurrentHashMap<>();

    volatile int apiStatus = 200;
    volatile String commit = COMMIT;
    volatile boolean ranges = true;
    volatile boolean etags = true;
    volatile boolean loop;
    volatile String redirectTo = "";
    volatile int stallSeconds;
    volatile String needsToken = "";

    private final HttpServer hub;
    private final HttpServer large;

    FakeHub() throws IOException {
        hub = start(false);
        large = start(true);
    }

    private HttpServer start(boolean isLarge) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", exchange -> {
            try (exchange) {
                seen.add(new Seen(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().getPath(),
                        header(exchange, "Range"),
                        header(exchange, "Authorization"),
                        isLarge));
                if (isLarge) {
                    serve(exchange, exchange.getRequestURI().getPath().substring("/large/".length()));
                } else {
                    answer(exchange);
                }
            }
        });
        server.start();
        return server;
    }

    URI endpoint() {
        return address(hub, "");
    }

    private static URI address(HttpServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    FakeHub put(String name, String content) {
        files.put(name, content.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    static boolean isLarge(String name) {
        return name.endsWith(".safetensors");
    }

    String etag(String name) {
        byte[] content = files.get(name);
        return isLarge(name)
                ? digest("SHA-256", content)
                : digest("SHA-1", ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII), content);
    }

    private static String digest(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (!needsToken.isEmpty() && !header(exchange, "Authorization").equals("Bearer " + needsToken)) {
            exchange.sendResponseHeaders(401, -1);
            return;
        }
        if (path.startsWith("/api/models/" + REPOSITORY + "/revision/")) {
            if (apiStatus != 200) {
                exchange.getResponseHeaders().set("X-Error-Message", "no luck");
                exchange.sendResponseHeaders(apiStatus, -1);
                return;
            }
            String siblings = files.keySet().stream()
                    .map(name -> "{\"rfilename\": \"" + name + "\"}")
                    .collect(Collectors.joining(", "));
            byte[] json = ("{\"sha\": \"" + commit + "\", \"siblings\": [" + siblings + "]}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, json.length);
            exchange.getResponseBody().write(json);
            return;
        }
        String prefix = "/" + REPOSITORY + "/resolve/" + commit + "/";
        String name = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
        if (!files.containsKey(name)) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        if (statuses.containsKey(name)) {
            exchange.sendResponseHeaders(statuses.get(name), -1);
            return;
        }
        if (loop) {
            exchange.getResponseHeaders().set("Location", path);
            exchange.sendResponseHeaders(307, -1);
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", commit);
        if (isLarge(name)) {
            if (etags) {
                exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + etag(name) + "\"");
            }
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(files.get(name).length));
            exchange.getResponseHeaders()
                    .set(
                            "Location",
                            redirectTo.isEmpty()
                                    ? address(large, "/large/" + name).toString()
                                    : redirectTo);
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        if (etags) {
            exchange.getResponseHeaders().set("ETag", "W/\"" + etag(name) + "\"");
        }
        serve(exchange, name);
    }

    private void serve(HttpExchange exchange, String name) throws IOException {
        byte[] content = lies.getOrDefault(name, files.get(name));
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        String range = header(exchange, "Range");
        int from = 0;
        if (ranges && range.startsWith("bytes=")) {
            from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        byte[] rest = Arrays.copyOfRange(content, from, content.length);
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, rest.length);
        List<Integer> cut = cuts.get(name);
        int until = cut == null || cut.isEmpty() ? rest.length : Math.min(rest.length, cut.remove(0));
        OutputStream out = exchange.getResponseBody();
        out.write(rest, 0, until);
        out.flush();
        if (stallSeconds > 0 && isLarge(name)) {
            try {
                Thread.sleep(stallSeconds * 1000L);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    long requests(String name) {
        return seen.stream().filter(s -> s.path().endsWith("/" + name)).count();
    }

    long downloads(String name) {
        return seen.stream()
                .filter(s -> s.method().equals("GET")
                        && s.large() == isLarge(name)
                        && s.path().endsWith("/" + name))
                .count();
    }

    @Override
    public void close() {
        hub.stop(0);
        large.stop(0);
    }
}
