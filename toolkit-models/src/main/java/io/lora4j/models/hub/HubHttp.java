package io.lora4j.models.hub;

import io.lora4j.error.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the hub, with redirects followed by hand.
 *
 * <p>The token is sent to the scheme, host and port of the endpoint and nowhere else: the hub redirects large files to other hosts with
 * signed addresses, and a token there would be a leak. A redirect from https to http is refused.
 */
final class HubHttp {
    private static final int MAX_REDIRECTS = 5;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);

    private final HubSettings settings;
    private final int stallSeconds;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .build();

    HubHttp(HubSettings settings, int stallSeconds) {
        this.settings = settings;
        this.stallSeconds = stallSeconds;
    }

    /** An answer's body, which fails where it would otherwise wait for ever. */
    InputStream body(HttpResponse<InputStream> answer) {
        return new StallGuard(answer.body(), stallSeconds);
    }

    /** The address of something at the endpoint. */
    URI address(String path) {
        return URI.create(settings.endpoint() + path);
    }

    /**
     * GET, redirects followed.
     *
     * @return the final answer, whatever its status; the caller closes its body
     */
    HttpResponse<InputStream> get(URI address, Map<String, String> headers) throws IOException {
        URI at = address;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HttpResponse<InputStream> answer = send("GET", at, headers);
            URI next = redirect(at, answer);
            if (next == null) {
                return answer;
            }
            answer.body().close();
            at = next;
        }
        throw new IOException("more than " + MAX_REDIRECTS + " redirects from " + address);
    }

    /**
     * HEAD, redirects followed as long as they stay at the same host: the hub's own answer has the checksum, and points elsewhere.
     *
     * @return the hub's last answer, whatever its status
     */
    HttpResponse<InputStream> head(URI address) throws IOException {
        URI at = address;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HttpResponse<InputStream> answer = send("HEAD", at, Map.of("Accept-Encoding", "identity"));
            answer.body().close();
            URI next = redirect(at, answer);
            if (next == null || !sameOrigin(at, next)) {
                return answer;
            }
            at = next;
        }
        throw new IOException("more than " + MAX_REDIRECTS + " redirects from " + address);
    }

    private HttpResponse<InputStream> send(String method, URI address, Map<String, String> headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(ANSWER)
                .setHeader("User-Agent", "lora4j");
        headers.forEach(request::setHeader);
        if (settings.token() != null && sameOrigin(settings.endpoint(), address)) {
            request.setHeader("Authorization", "Bearer " + settings.token());
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ConnectException e) {
            throw new ConnectException("cannot connect to " + address.getAuthority()
                    + (e.getMessage() == null ? "" : ": " + e.getMessage()));
        }
    }

    private static @Nullable URI redirect(URI from, HttpResponse<?> answer) throws IOException {
        boolean redirected =
                switch (answer.statusCode()) {
                    case 301, 302, 303, 307, 308 -> true;
                    default -> false;
                };
        if (!redirected) {
            return null;
        }
        String location = answer.headers()
                .firstValue("Location")
                .orElseThrow(() -> new IOException("a redirect from " + from + " leads nowhere"));
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new IOException("a redirect from " + from + " leads to no address", e);
        }
        boolean web = "https".equals(to.getScheme()) || "http".equals(to.getScheme());
        if (!web || to.getHost() == null || ("https".equals(from.getScheme()) && !"https".equals(to.getScheme()))) {
            throw new IOException("a redirect from " + from.getHost() + " to " + to.getScheme() + " is refused");
        }
        return to;
    }

    private static boolean sameOrigin(URI a, URI b) {
        return a.getScheme().equalsIgnoreCase(b.getScheme())
                && a.getHost().equalsIgnoreCase(b.getHost())
                && port(a) == port(b);
    }

    private static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return address.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    /** What the hub's refusals mean to a user. */
    static UserException refusal(int status, String what, HttpResponse<?> answer) {
        String reason = answer.headers()
                .firstValue("X-Error-Message")
                .map(text -> " (" + text + ")")
                .orElse("");
        return new UserException(
                switch (status) {
                    case 401 ->
                        "the hub does not give " + what + " to strangers" + reason
                                + ": either there is none of that name, or it needs a token; set HF_TOKEN";
                    case 403 ->
                        "the hub refuses " + what + reason
                                + ": accept the model's terms on its page, or use a token that may read it";
                    case 404 -> "the hub has no " + what + reason + "; check the name and the revision";
                    case 429 ->
                        "the hub refuses " + what + reason + ": too many requests; wait a little, or set HF_TOKEN";
                    default -> "the hub answered " + status + " for " + what + reason + "; try again later";
                });
    }

    /** A header's number. */
    static OptionalLong number(HttpResponse<?> answer, String header) {
        try {
            return answer.headers().firstValueAsLong(header);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
