package io.lora4j.recipes.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One page in a headless Chromium, over the DevTools protocol (chromedevtools.github.io/devtools-protocol), which is JSON over a web socket: a
 * library for it would be larger than what is needed of it.
 */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SECONDS = 60;

    private final Process process;
    private final WebSocket socket;
    private final BlockingQueue<JsonNode> incoming = new LinkedBlockingQueue<>();
    private final List<JsonNode> events = new ArrayList<>();
    private int lastId;

    /** The program in LORA4J_CHROMIUM, or a chromium on the path; null if there is none. */
    static Path program() {
        String named = System.getenv("LORA4J_CHROMIUM");
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
                Path file = Path.of(folder, name);
                if (!folder.isEmpty() && Files.isExecutable(file)) {
                    return file;
                }
            }
        }
        return null;
    }

    Browser(Path program, Path profile) throws IOException, InterruptedException {
        process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        // In containers, where tests run as root, Chromium's own sandbox does not start.
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("chromium.log").toFile())
                .start();
        HttpClient client = HttpClient.newHttpClient();
        String port = port(profile.resolve("DevToolsActivePort"));
        URI list = URI.create("http://127.0.0.1:" + port + "/json/list");
        JsonNode pages =
                JSON.readTree(client.send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString())
                        .body());
        String page = null;
        for (JsonNode each : pages) {
            if (each.path("type").asText().equals("page")) {
                page = each.path("webSocketDebuggerUrl").asText();
            }
        }
        socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(page), new Listener())
                .join();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            send(domain + ".enable");
        }
    }

    private String port(Path file) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (System.nanoTime() < end && process.isAlive()) {
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            if (lines.size() > 1) {
                return lines.get(0);
            }
            Thread.sleep(50);
        }
        throw new IOException("Chromium does not listen: " + Files.readString(file.resolveSibling("chromium.log")));
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    incoming.add(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }
    }

    /** Sends a command; {@code parameters} are names and values by turns. Gives its result. */
    JsonNode send(String method, Object... parameters) throws IOException, InterruptedException {
        ObjectNode message = JSON.createObjectNode();
        int id = ++lastId;
        message.put("id", id);
        message.put("method", method);
        ObjectNode map = message.putObject("params");
        for (int i = 0; i < parameters.length; i += 2) {
            map.set((String) parameters[i], JSON.valueToTree(parameters[i + 1]));
        }
        socket.sendText(message.toString(), true).join();
        while (true) {
            JsonNode answer = next();
            if (answer.path("id").asInt() == id) {
                if (answer.has("error")) {
                    throw new IOException(method + ": " + answer.get("error"));
                }
                return answer.path("result");
            }
        }
    }

    private JsonNode next() throws IOException, InterruptedException {
        JsonNode message = incoming.poll(SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            throw new IOException("Chromium does not answer");
        }
        if (message.has("method")) {
            events.add(message);
        }
        return message;
    }

    /** Opens a page and waits until it is loaded. */
    void open(URI page) throws IOException, InterruptedException {
        events.clear();
        send("Page.navigate", "url", page.toString());
        while (events("Page.loadEventFired").isEmpty()) {
            next();
        }
    }

    /** The events of a name since the page was opened. */
    List<JsonNode> events(String method) {
        return events.stream()
                .filter(event -> event.path("method").asText().equals(method))
                .map(event -> event.path("params"))
                .toList();
    }

    /** Shows the page at a width and in a colour scheme. */
    void show(int width, int height, boolean dark) throws IOException, InterruptedException {
        send(
                "Emulation.setDeviceMetricsOverride",
                "width",
                width,
                "height",
                height,
                "deviceScaleFactor",
                1,
                "mobile",
                false);
        send(
                "Emulation.setEmulatedMedia",
                "features",
                List.of(new Feature("prefers-color-scheme", dark ? "dark" : "light")));
    }

    private record Feature(String name, String value) {}

    /** Presses a key that has the focus's element do something. */
    void press(String key, String text, int code) throws IOException, InterruptedException {
        send(
                "Input.dispatchKeyEvent",
                "type",
                "keyDown",
                "key",
                key,
                "code",
                key,
                "text",
                text,
                "windowsVirtualKeyCode",
                code);
        send("Input.dispatchKeyEvent", "type", "keyUp", "key", key, "code", key, "windowsVirtualKeyCode", code);
    }

    /** The value of an expression in the page. */
    JsonNode evaluate(String expression) throws IOException, InterruptedException {
        JsonNode result = send("Runtime.evaluate", "expression", expression, "returnByValue", true);
        if (result.has("exceptionDetails")) {
            throw new IOException(expression + ": " + result.get("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** A picture of the whole page. */
    void screenshot(Path file) throws IOException, InterruptedException {
        JsonNode picture = send("Page.captureScreenshot", "captureBeyondViewport", true);
        Files.write(file, Base64.getDecoder().decode(picture.path("data").asText()));
    }

    @Override
    public void close() {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
