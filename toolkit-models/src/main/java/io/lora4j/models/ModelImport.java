package io.lora4j.models;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.source.FileTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports a model into the cache, once, whoever comes first; or into a folder of the user's.
 *
 * <p>The folder is made beside its final name and moved into place as the last step: a killed import leaves only a folder that begins
 * with a dot, which the next import removes. A lock file keeps processes apart, a lock in memory keeps threads apart.
 */
final class ModelImport {
    private static final Logger LOG = LoggerFactory.getLogger(ModelImport.class);
    private static final ReentrantLock THREADS = new ReentrantLock();

    private ModelImport() {}

    /**
     * What is to be imported.
     *
     * @param model the model's name, for its seal
     * @param origin where it comes from, for its seal
     * @param licence the SPDX name of its licence, or null
     * @param archive gives a folder or an archive with the model in it; asked only if the import is to happen
     */
    record Origin(String model, String origin, @Nullable String licence, Archive archive) {}

    /** A folder or an archive that may have to be fetched first. */
    @FunctionalInterface
    interface Archive {
        /**
         * Fetches it.
         *
         * @return its path
         * @throws IOException if that fails
         */
        Path fetch() throws IOException;
    }

    /**
     * The folder of a model in the cache, imported if it is not there yet.
     *
     * @param origin what to import
     * @param models the cache's folder of models; made if need be
     * @param name the folder's name in it
     * @return the complete folder
     * @throws UserException if the folder cannot be written or the model cannot be had
     */
    static Path ensure(Origin origin, Path models, String name) {
        Path target = models.resolve(name);
        if (Files.isDirectory(target)) {
            return target;
        }
        THREADS.lock();
        try {
            Files.createDirectories(models);
            try (FileChannel channel = FileChannel.open(
                            models.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                LOG.debug("holding {}", lock);
                if (!Files.isDirectory(target)) {
                    removeLeftovers(models);
                    importAs(origin, FileTree.open(origin.archive().fetch()), target);
                }
            }
        } catch (IOException e) {
            throw new UserException(
                    "cannot import the model " + origin.model() + " into " + models + ": " + AtomicFile.reason(e)
                            + "; set LORA4J_HOME to a folder that can be written",
                    e);
        } finally {
            THREADS.unlock();
        }
        return target;
    }

    /**
     * Imports a model under a name at which there is nothing yet.
     *
     * @param origin what to import, for its seal
     * @param tree the files
     * @param target the folder to make; its parent exists
     * @throws IOException if reading or writing fails; then nothing is at the target
     */
    static void importAs(Origin origin, FileTree tree, Path target) throws IOException {
        LOG.info("importing {} as {}", origin.model(), target);
        Path part = Files.createDirectory(AtomicFile.beside(target));
        try {
            String imported = TreeImporter.importInto(tree, part);
            HuggingFaceFolder.open(part);
            ModelSeal.write(part, origin.model(), origin.origin() + "!" + imported, origin.licence());
            AtomicFile.move(part, target);
        } finally {
            removeTree(part);
        }
    }

    /** Whoever holds the lock is alone: every half-made folder belongs to a process that was killed. */
    private static void removeLeftovers(Path models) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(models, ".*" + AtomicFile.PART)) {
            for (Path leftover : leftovers) {
                removeTree(leftover);
            }
        }
    }

    private static void removeTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(folder)) {
            deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }
}
