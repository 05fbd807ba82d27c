package io.lora4j.models.hub;

import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One repository's part of the cache.
 *
 * <p>Layout (huggingface/huggingface_hub, {@code docs/source/en/guides/manage-cache.md}): {@code models--org--name/blobs/ETAG} holds
 * contents, {@code snapshots/COMMIT/NAME} links to them, {@code refs/REVISION} holds the commit that a branch or tag was last seen at; {@code
 * .locks/models--org--name/ETAG.lock} keeps programs apart that download the same. Where links are not allowed the snapshot holds copies.
 */
final class HubCache {
    private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private final Path root;
    private final String folder;

    HubCache(Path root, HubReference reference) {
        this.root = root;
        this.folder = "models--" + reference.repository().replace("/", "--");
    }

    Path snapshot(String commit) {
        return root.resolve(folder).resolve("snapshots").resolve(commit);
    }

    Path blob(String etag) {
        return root.resolve(folder).resolve("blobs").resolve(etag);
    }

    Path incomplete(String etag) {
        return blob(etag + ".incomplete");
    }

    /** The commit that a revision was last seen at, or null if it never was. */
    @Nullable
    String commitOf(HubReference reference) throws IOException {
        if (reference.isCommit()) {
            return reference.revision();
        }
        Path ref = ref(reference);
        if (!Files.isRegularFile(ref)) {
            return null;
        }
        String commit = Files.readString(ref, StandardCharsets.UTF_8).strip();
        return HubReference.isCommit(commit) ? commit : null;
    }

    private Path ref(HubReference reference) {
        return root.resolve(folder).resolve("refs").resolve(reference.revision());
    }

    /** Remembers what a revision is now. */
    void remember(HubReference reference, String commit) throws IOException {
        if (!reference.isCommit()) {
            Path ref = ref(reference);
            Files.createDirectories(ref.resolveSibling("."));
            AtomicFile.write(ref, beside -> Files.writeString(beside, commit, StandardCharsets.UTF_8));
        }
    }

    /** Makes a content known under its name in a commit. */
    void link(String commit, String name, String etag) throws IOException {
        Path folderOfCommit = Files.createDirectories(snapshot(commit));
        Path entry = folderOfCommit.resolve(name);
        Path part = AtomicFile.beside(entry);
        try {
            Files.createSymbolicLink(part, folderOfCommit.relativize(blob(etag)));
        } catch (UnsupportedOperationException | IOException e) {
            Files.copy(blob(etag), part, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(part, entry, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Whether a commit's file is there with its content. */
    boolean has(String commit, String name) {
        return Files.isRegularFile(snapshot(commit).resolve(name));
    }

    /** The checksum by which the hub knows a file of a snapshot, or null if the file is a copy. */
    static @Nullable String etagOf(Path file) throws IOException {
        return Files.isSymbolicLink(file) && Files.exists(file)
                ? file.toRealPath(new LinkOption[0]).getFileName().toString()
                : null;
    }

    /** What is to be done alone. */
    @FunctionalInterface
    interface Body {
        void run() throws IOException;
    }

    /** Runs something that no other thread or process does at the same time for the same content. */
    void alone(String etag, Body body) throws IOException {
        Path lock = root.resolve(".locks").resolve(folder).resolve(etag + ".lock");
        Files.createDirectories(lock.resolveSibling("."));
        Files.createDirectories(root.resolve(folder).resolve("blobs"));
        ReentrantLock threads = THREADS.computeIfAbsent(lock.toAbsolutePath(), path -> new ReentrantLock());
        threads.lock();
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            if (held.isValid()) {
                body.run();
            }
        } finally {
            threads.unlock();
        }
    }
}
