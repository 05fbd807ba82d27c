package io.lora4j.models.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.WeightFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models of the Hugging Face hub as folders in its cache.
 *
 * <p>Only what an encoder is made of is downloaded: {@code config.json}, {@code tokenizer.json}, safetensors weights, and the model's card.
 * Pickle weights are never asked for. A commit that is complete in the cache is used without asking anybody; so is everything with {@code
 * HF_HUB_OFFLINE}, and a revision in the cache when the hub cannot be reached. Thread-safe, also between processes.
 */
public final class HubModels {
    private static final Logger LOG = LoggerFactory.getLogger(HubModels.class);
    private static final String CONFIG = "config.json";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String CARD = "README.md";
    private static final int STALL_SECONDS = 30;
    private static final int MAX_ANSWER_BYTES = 1 << 24;

    private final HubSettings settings;
    private final HubHttp http;

    /**
     * @param settings where the hub and its cache are
     */
    public HubModels(HubSettings settings) {
        this(settings, STALL_SECONDS);
    }

    HubModels(HubSettings settings, int stallSeconds) {
        this.settings = settings;
        this.http = new HubHttp(settings, stallSeconds);
    }

    /** What the hub says of a revision. */
    private record Revision(String commit, Set<String> files) {}

    /**
     * The folder of a model, downloaded if it is not in the cache.
     *
     * @param reference what to fetch
     * @return the commit's folder in the cache, complete; it belongs to the cache and is not to be written
     * @throws UserException if the hub has no such model, refuses it, cannot be reached, or has no safetensors weights of it
     * @throws io.lora4j.error.FormatException if what the hub sends is not what it announces
     */
    public Path fetch(HubReference reference) {
        HubCache cache = new HubCache(settings.cache(), reference);
        try {
            Path cached = cached(cache, reference);
            if (cached != null && (settings.offline() || reference.isCommit())) {
                return cached;
            }
            if (settings.offline()) {
                throw new UserException("hf:" + reference + " is not in the cache " + settings.cache()
                        + " and HF_HUB_OFFLINE is set; unset it, or copy the cache of a machine that has the model");
            }
            Revision revision;
            try {
                revision = ask(reference);
            } catch (IOException e) {
                if (cached != null) {
                    LOG.warn("the hub cannot be reached ({}); using {} from the cache", e.getMessage(), cached);
                    return cached;
                }
                throw new UserException(
                        "cannot reach the hub at " + settings.endpoint() + " for hf:" + reference + ": "
                                + AtomicFile.reason(e) + "; check the network or HF_ENDPOINT",
                        e);
            }
            download(cache, reference, revision);
            cache.remember(reference, revision.commit());
            return cache.snapshot(revision.commit());
        } catch (IOException e) {
            throw new UserException(
                    "cannot fetch hf:" + reference + " into " + settings.cache() + ": " + AtomicFile.reason(e)
                            + "; is the folder writable (HF_HUB_CACHE, HF_HOME)?",
                    e);
        }
    }

    /**
     * The folder of a model if it is complete in the cache; asks nobody.
     *
     * @param reference what to look for
     * @return the commit's folder in the cache, or null
     * @throws UserException if the cache cannot be read
     */
    public @Nullable Path cached(HubReference reference) {
        try {
            return cached(new HubCache(settings.cache(), reference), reference);
        } catch (IOException e) {
            throw new UserException("cannot read the cache " + settings.cache() + ": " + AtomicFile.reason(e), e);
        }
    }

    private static @Nullable Path cached(HubCache cache, HubReference reference) throws IOException {
        String commit = cache.commitOf(reference);
        if (commit == null || !cache.has(commit, CONFIG) || !cache.has(commit, TOKENIZER)) {
            return null;
        }
        Path folder = cache.snapshot(commit);
        boolean whole = cache.has(commit, WeightFiles.SINGLE)
                || (cache.has(commit, INDEX)
                        && WeightFiles.shardNames(folder.resolve(INDEX)).stream()
                                .allMatch(name -> cache.has(commit, name)));
        return whole ? folder : null;
    }

    private Revision ask(HubReference reference) throws IOException {
        HttpResponse<InputStream> answer = http.get(
                http.address("/api/models/" + reference.repository() + "/revision/"
                        + reference.revision().replace("/", "%2F")),
                Map.of("Accept", "application/json"));
        byte[] body;
        try (InputStream in = http.body(answer)) {
            if (answer.statusCode() != 200) {
                throw HubHttp.refusal(answer.statusCode(), "model " + reference, answer);
            }
            body = in.readNBytes(MAX_ANSWER_BYTES);
        }
        JsonNode model = JsonFiles.parse(body, Path.of(reference.repository()));
        String commit = model.path("sha").asText();
        if (!HubReference.isCommit(commit)) {
            throw new UserException("the hub names no commit for " + reference + "; is HF_ENDPOINT a hub?");
        }
        Set<String> files = new LinkedHashSet<>();
        model.path("siblings").forEach(file -> files.add(file.path("rfilename").asText()));
        return new Revision(commit, files);
    }

    private void download(HubCache cache, HubReference reference, Revision revision) throws IOException {
        Set<String> there = revision.files();
        List<String> missing = new ArrayList<>(List.of(CONFIG, TOKENIZER));
        missing.removeAll(there);
        boolean single = there.contains(WeightFiles.SINGLE);
        if (!single && !there.contains(INDEX)) {
            missing.add(WeightFiles.SINGLE);
        }
        if (!missing.isEmpty()) {
            throw new UserException("hf:" + reference + " has no " + String.join(", ", missing) + alternatives(there));
        }
        HubDownload download = new HubDownload(http, cache, reference, revision.commit());
        download.fetch(CONFIG);
        download.fetch(TOKENIZER);
        if (there.contains(CARD)) {
            download.fetch(CARD);
        }
        if (single) {
            download.fetch(WeightFiles.SINGLE);
            return;
        }
        download.fetch(INDEX);
        for (String shard :
                WeightFiles.shardNames(cache.snapshot(revision.commit()).resolve(INDEX))) {
            download.fetch(shard);
        }
    }

    private static String alternatives(Set<String> there) {
        List<String> weights = there.stream()
                .filter(name -> name.endsWith(".bin") || name.endsWith(".h5") || name.endsWith(".msgpack"))
                .toList();
        return weights.isEmpty()
                ? ""
                : ", only " + String.join(", ", weights)
                        + ". Pickle files run whatever code they hold and are never read; look for a revision with safetensors"
                        + " (e.g. @refs/pr/N by the hub's converter), or convert it where you trust it";
    }

    /**
     * Checks the files of a commit's folder against the hub's checksums, which are the names of the contents they link to.
     *
     * @param snapshot a folder that {@link #fetch} gave
     * @return one line for each file that differs; empty if all are right
     * @throws IOException if a file cannot be read
     */
    public static List<String> verify(Path snapshot) throws IOException {
        List<String> problems = new ArrayList<>();
        try (Stream<Path> files = Files.list(snapshot)) {
            for (Path file : files.sorted().toList()) {
                String etag = HubCache.etagOf(file);
                if (etag == null || !HubChecksum.isKnown(etag)) {
                    problems.add(file.getFileName()
                            + ": is no link to a content of the cache, so its checksum is not known");
                } else if (!HubChecksum.of(file, etag).equals(etag)) {
                    problems.add(file.getFileName() + ": the checksum is " + HubChecksum.of(file, etag)
                            + ", the hub's is " + etag);
                }
            }
        }
        return problems;
    }
}
