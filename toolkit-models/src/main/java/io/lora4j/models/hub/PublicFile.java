package io.lora4j.models.hub;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Downloads a file that anybody may have, without any token, going on where an earlier download stopped.
 *
 * <p>What has come is kept beside the target ({@code .NAME.incomplete}), with the server's validator of that content ({@code
 * .NAME.incomplete.tag}: a strong ETag, else Last-Modified). The next attempt asks for the rest under that validator (RFC 9110, Range and
 * If-Range), so that two versions of a file are never mixed. Without a validator it begins anew.
 */
public final class PublicFile {
    private static final Logger LOG = LoggerFactory.getLogger(PublicFile.class);
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final int ATTEMPTS = 3;
    private static final int STALL_SECONDS = 60;
    private static final int BLOCK_BYTES = 1 << 16;

    private final URI address;
    private final Path target;
    private final long limit;
    private final HubHttp http;
    private final Path part;
    private final Path tag;

    private PublicFile(URI address, Path target, long limit) {
        this.address = address;
        this.target = target;
        this.limit = limit;
        this.http = new HubHttp(new HubSettings(address, target, null, false), STALL_SECONDS);
        this.part = target.resolveSibling("." + target.getFileName() + ".incomplete");
        this.tag = part.resolveSibling(part.getFileName() + ".tag");
    }

    /**
     * Downloads.
     *
     * @param address https, or http at this machine
     * @param target where to; its folder exists; an existing file is replaced
     * @param limit the most bytes that are taken
     * @throws UserException if the address is no such address, the server refuses or cannot be reached, the file is longer than the limit,
     *     or the disk refuses; what has come is kept for the next try
     */
    public static void download(URI address, Path target, long limit) {
        String scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
        boolean local = scheme.equals("http") && address.getHost() != null && LOOPBACK.contains(address.getHost());
        if (address.getHost() == null || !(scheme.equals("https") || local)) {
            throw new UserException("downloads need an address that begins with https://HOST/: " + address);
        }
        new PublicFile(address, target, limit).run();
    }

    private void run() {
        int fruitless = 0;
        while (true) {
            long before = size();
            try {
                attempt(before);
                Files.deleteIfExists(tag);
                AtomicFile.move(part, target);
                return;
            } catch (IOException e) {
                fruitless = size() > before ? 0 : fruitless + 1;
                if (fruitless == ATTEMPTS || Thread.currentThread().isInterrupted()) {
                    throw new UserException(
                            "cannot download " + address + ": " + AtomicFile.reason(e) + "; " + size()
                                    + " bytes are kept, and the next try goes on from there",
                            e);
                }
                LOG.info("the download of {} broke off at byte {}: {}", address, size(), e.getMessage());
            }
        }
    }

    private long size() {
        try {
            return Files.exists(part) ? Files.size(part) : 0;
        } catch (IOException e) {
            throw new UserException("cannot read " + part + ": " + AtomicFile.reason(e), e);
        }
    }

    /** One connection: returns when everything that the server announced is there. */
    private void attempt(long have) throws IOException {
        boolean goOn = have > 0 && Files.isRegularFile(tag);
        Map<String, String> headers = new LinkedHashMap<>(Map.of("Accept-Encoding", "identity"));
        if (goOn) {
            headers.put("Range", "bytes=" + have + "-");
            headers.put("If-Range", Files.readString(tag).strip());
        }
        HttpResponse<InputStream> answer = http.get(address, headers);
        try (InputStream body = http.body(answer)) {
            int status = answer.statusCode();
            String range = answer.headers().firstValue("Content-Range").orElse("");
            if (status == 416 && goOn && range.equals("bytes */" + have)) {
                return;
            }
            if (status >= 400 && status < 500 && status != 416 && status != 408) {
                throw new UserException("the server answered " + status + " for " + address
                        + (status == 404 ? ": there is no such file" : ""));
            }
            boolean rest = goOn && status == 206 && range.startsWith("bytes " + have + "-");
            if (status != 200 && !rest) {
                Files.deleteIfExists(part); // what is there cannot be continued: from the beginning
                throw new IOException("the server answered " + status);
            }
            if (!rest) {
                remember(answer);
            }
            receive(body, rest ? have : 0, announced(answer, rest ? have : 0));
        }
    }

    private static long announced(HttpResponse<?> answer, long from) {
        long length = HubHttp.number(answer, "Content-Length").orElse(-1);
        return length < 0 ? -1 : from + length;
    }

    private void remember(HttpResponse<?> answer) throws IOException {
        Files.deleteIfExists(part);
        String etag = answer.headers().firstValue("ETag").orElse("");
        @Nullable
        String validator = etag.startsWith("\"")
                ? etag
                : answer.headers().firstValue("Last-Modified").orElse(null);
        if (validator == null) {
            Files.deleteIfExists(tag);
        } else {
            Files.writeString(tag, validator, StandardCharsets.US_ASCII);
        }
    }

    private void receive(InputStream body, long from, long announced) throws IOException {
        if (announced > limit) {
            throw tooLong();
        }
        long total = from;
        byte[] block = new byte[BLOCK_BYTES];
        try (OutputStream out =
                from > 0 ? Files.newOutputStream(part, StandardOpenOption.APPEND) : Files.newOutputStream(part)) {
            for (int n = body.read(block); n >= 0; n = body.read(block)) {
                total += n;
                if (total > limit) {
                    throw tooLong();
                }
                out.write(block, 0, n);
            }
        }
        if (announced >= 0 && total < announced) {
            throw new IOException("the connection ended at byte " + total + " of " + announced);
        }
    }

    private UserException tooLong() throws IOException {
        Files.deleteIfExists(part);
        Files.deleteIfExists(tag);
        return new UserException(address + " is longer than the " + limit + " bytes that such a file may have");
    }
}
