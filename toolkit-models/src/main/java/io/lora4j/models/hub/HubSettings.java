package io.lora4j.models.hub;

import io.lora4j.error.UserException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the hub is, where its cache is, and who asks.
 *
 * <p>Source: huggingface/huggingface_hub, {@code docs/source/en/package_reference/environment_variables.md}: {@code HF_ENDPOINT}; the
 * cache is {@code HF_HUB_CACHE}, else {@code HF_HOME/hub}, else {@code huggingface/hub} in the user's cache folder; {@code HF_TOKEN};
 * {@code HF_HUB_OFFLINE}, true for {@code 1}, {@code ON}, {@code YES} and {@code TRUE} in any case.
 *
 * @param endpoint the hub's address without a path
 * @param cache the cache's folder
 * @param token sent to the endpoint's own host and to no other; null if there is none
 * @param offline whether only the cache is used
 */
public record HubSettings(
        URI endpoint, Path cache, @Nullable String token, boolean offline) {
    private static final String DEFAULT_ENDPOINT = "https://huggingface.co";
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    /**
     * The settings of the user who runs this process.
     *
     * @return what the environment variables say
     * @throws UserException if HF_ENDPOINT is no address
     */
    public static HubSettings ofUser() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * Reads settings.
     *
     * @param environment the environment variables
     * @param home the user's home folder
     * @return the settings
     * @throws UserException if HF_ENDPOINT is no address
     */
    static HubSettings of(Map<String, String> environment, Path home) {
        String token = environment.getOrDefault("HF_TOKEN", "").strip();
        String offline = environment.getOrDefault("HF_HUB_OFFLINE", "").strip().toUpperCase(Locale.ROOT);
        return new HubSettings(
                endpoint(environment.getOrDefault("HF_ENDPOINT", "").strip()),
                cache(environment, home),
                token.isEmpty() ? null : token,
                TRUE.contains(offline));
    }

    private static URI endpoint(String text) {
        String address = text.isEmpty() ? DEFAULT_ENDPOINT : text;
        try {
            URI uri = new URI(address.endsWith("/") ? address.substring(0, address.length() - 1) : address);
            String scheme = uri.getScheme();
            if (uri.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
                throw new UserException("HF_ENDPOINT must be the address of a hub, https://HOST: " + address);
            }
            return uri;
        } catch (URISyntaxException e) {
            throw new UserException("HF_ENDPOINT is no address: " + address, e);
        }
    }

    private static Path cache(Map<String, String> environment, Path home) {
        String hub = environment.getOrDefault("HF_HUB_CACHE", "");
        if (!hub.isBlank()) {
            return Path.of(hub).toAbsolutePath();
        }
        String hf = environment.getOrDefault("HF_HOME", "");
        if (!hf.isBlank()) {
            return Path.of(hf).toAbsolutePath().resolve("hub");
        }
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path caches = xdg.isBlank() ? home.resolve(".cache") : Path.of(xdg);
        return caches.resolve("huggingface").resolve("hub");
    }

    /** Shows no token. */
    @Override
    public String toString() {
        return endpoint + ", cache " + cache + (token == null ? "" : ", with a token") + (offline ? ", offline" : "");
    }
}
