package io.lora4j.models.hub;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one file of a repository into the cache.
 *
 * <p>A HEAD request gives the content's ETag and length. If no program has that content yet it is downloaded to {@code ETAG.incomplete},
 * going on where an earlier download stopped (HTTP range), and renamed when its length and checksum are right. A connection that breaks
 * or stalls is taken up again as long as each attempt brings something, and at most {@value #ATTEMPTS} times without.
 */
final class HubDownload {
    private static final Logger LOG = LoggerFactory.getLogger(HubDownload.class);
    private static final int ATTEMPTS = 3;
    private static final int BLOCK_BYTES = 1 << 16;

    private final HubHttp http;
    private final HubCache cache;
    private final HubReference reference;
    private final String commit;

    HubDownload(HubHttp http, HubCache cache, HubReference reference, String commit) {
        this.http = http;
        this.cache = cache;
        this.reference = reference;
        this.commit = commit;
    }

    /** A content as the hub describes it. */
    private record Content(String name, URI address, String etag, long bytes) {}

    /**
     * Makes sure that a file of the commit is in the cache.
     *
     * @param name the file's name in the repository
     * @throws UserException if the hub refuses or cannot be reached
     * @throws FormatException if what it sends is not what it announced
     * @throws IOException if the cache cannot be written
     */
    void fetch(String name) throws IOException {
        if (cache.has(commit, name)) {
            return;
        }
        Content content = describe(name);
        cache.alone(content.etag(), () -> {
            if (!Files.isRegularFile(cache.blob(content.etag()))) {
                download(content);
            }
        });
        cache.link(commit, name, content.etag());
    }

    private String what(String name) {
        return name + " of " + reference;
    }

    private Content describe(String name) throws IOException {
        URI address = http.address("/" + reference.repository() + "/resolve/" + commit + "/" + name);
        HttpResponse<InputStream> answer = http.head(address);
        int status = answer.statusCode();
        if (status >= 400) {
            throw HubHttp.refusal(status, what(name), answer);
        }
        String etag = HubChecksum.normalize(answer.headers()
                .firstValue("X-Linked-Etag")
                .or(() -> answer.headers().firstValue("ETag"))
                .orElse(""));
        if (!HubChecksum.isKnown(etag)) {
            throw new UserException("the hub gives no checksum for " + what(name) + " (ETag '" + etag
                    + "'), so it is not taken; is HF_ENDPOINT a hub?");
        }
        long bytes = HubHttp.number(answer, "X-Linked-Size")
                .orElseGet(() -> HubHttp.number(answer, "Content-Length").orElse(-1));
        return new Content(name, address, etag, bytes);
    }

    private void download(Content content) throws IOException {
        Path part = cache.incomplete(content.etag());
        LOG.info("downloading {} ({} bytes)", what(content.name()), content.bytes());
        int fruitless = 0;
        while (true) {
            long before = Files.exists(part) ? Files.size(part) : 0;
            try {
                attempt(content, part, before);
                break;
            } catch (IOException e) {
                long now = Files.exists(part) ? Files.size(part) : 0;
                fruitless = now > before ? 0 : fruitless + 1;
                if (fruitless == ATTEMPTS || Thread.currentThread().isInterrupted()) {
                    throw new UserException(
                            "cannot download " + what(content.name()) + ": " + AtomicFile.reason(e) + "; " + now
                                    + " bytes are kept, and the next try goes on from there",
                            e);
                }
                LOG.info("the download of {} broke off at byte {}: {}", what(content.name()), now, e.getMessage());
            }
        }
        String actual = HubChecksum.of(part, content.etag());
        if (!actual.equals(content.etag())) {
            long length = Files.size(part);
            Files.delete(part);
            throw new FormatException(
                    part,
                    "what the hub sent for " + what(content.name()) + " (" + length + " bytes) has the checksum "
                            + actual + ", announced was " + content.etag() + "; it was thrown away, try again");
        }
        Files.move(part, cache.blob(content.etag()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** One connection: returns when the file has its announced length. */
    private void attempt(Content content, Path part, long have) throws IOException {
        if (content.bytes() >= 0 && have > content.bytes()) {
            Files.delete(part);
            throw new IOException("more bytes than announced were there");
        }
        if (have == content.bytes()) {
            return;
        }
        Map<String, String> headers = have > 0
                ? Map.of("Accept-Encoding", "identity", "Range", "bytes=" + have + "-")
                : Map.of("Accept-Encoding", "identity");
        HttpResponse<InputStream> answer = http.get(content.address(), headers);
        try (InputStream body = http.body(answer)) {
            int status = answer.statusCode();
            if (status >= 400 && status < 500 && status != 416 && status != 408) {
                throw HubHttp.refusal(status, what(content.name()), answer);
            }
            boolean goesOn = status == 206 && continuesAt(answer, have);
            if (status != 200 && !goesOn) {
                Files.deleteIfExists(part); // what is there cannot be continued: from the beginning
                throw new IOException("the hub answered " + status);
            }
            long total = copy(body, part, goesOn ? have : 0, content);
            if (content.bytes() >= 0 && total > content.bytes()) {
                Files.delete(part);
                throw new FormatException(
                        part,
                        content.bytes(),
                        "the hub sends more than the " + content.bytes() + " bytes it announced for "
                                + what(content.name()) + "; it was thrown away");
            }
            if (content.bytes() >= 0 && total < content.bytes()) {
                throw new IOException("the connection ended at byte " + total + " of " + content.bytes());
            }
        }
    }

    private static boolean continuesAt(HttpResponse<?> answer, long have) {
        return answer.headers()
                .firstValue("Content-Range")
                .filter(range -> range.startsWith("bytes " + have + "-"))
                .isPresent();
    }

    /** Appends what comes, until it ends or is more than announced; gives the length that the file would have. */
    private static long copy(InputStream body, Path part, long from, Content content) throws IOException {
        long total = from;
        byte[] block = new byte[BLOCK_BYTES];
        try (OutputStream out =
                from > 0 ? Files.newOutputStream(part, StandardOpenOption.APPEND) : Files.newOutputStream(part)) {
            for (int n = body.read(block); n >= 0; n = body.read(block)) {
                total += n;
                if (content.bytes() >= 0 && total > content.bytes()) {
                    return total;
                }
                out.write(block, 0, n);
            }
        }
        return total;
    }
}
