package io.lora4j.models.export;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A folder that is filled beside its final place and moved there when it is complete. */
final class FolderInPlace {
    private FolderInPlace() {}

    /**
     * Fills a folder.
     *
     * @param target its place; must not exist, or be an empty folder
     * @param body fills the folder it is given; what it throws leaves nothing behind
     * @throws UserException if the target is taken or the disk refuses
     */
    static void write(Path target, Consumer<Path> body) {
        Path beside = AtomicFile.beside(target);
        try {
            if (Files.isDirectory(target) ? !isEmpty(target) : Files.exists(target)) {
                throw new UserException(target + " exists and is not an empty folder: name a new one");
            }
            delete(beside);
            Files.createDirectories(beside);
            try {
                body.accept(beside);
                Files.deleteIfExists(target);
                AtomicFile.move(beside, target);
            } finally {
                delete(beside);
            }
        } catch (IOException e) {
            throw new UserException("cannot write " + target + ": " + AtomicFile.reason(e), e);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            return content.findAny().isEmpty();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> content;
        try (Stream<Path> files = Files.walk(folder)) {
            content = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : content) {
            Files.delete(path);
        }
    }
}
