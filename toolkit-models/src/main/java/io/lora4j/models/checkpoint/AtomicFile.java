package io.lora4j.models.checkpoint;

import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ThreadLocalRandom;

/** Writes a file beside its final name and moves it into place, so that nobody ever sees half a file. */
public final class AtomicFile {
    /** Ending of names made by {@link #beside}. */
    public static final String PART = ".part";

    private AtomicFile() {}

    /** What to write. */
    @FunctionalInterface
    public interface Body {
        /**
         * Writes the whole content.
         *
         * @param file an existing empty file in the target's folder
         * @throws IOException if writing fails
         */
        void writeTo(Path file) throws IOException;
    }

    /**
     * Writes {@code target}, replacing an existing file. If the body fails the target stays as it was and nothing is left beside it.
     *
     * @param target the final name; its folder must exist
     * @param body writes the content
     * @throws UserException if the disk refuses; the message names the target and the reason
     */
    public static void write(Path target, Body body) {
        Path absolute = target.toAbsolutePath();
        Path beside = null;
        try {
            beside = Files.createFile(beside(absolute));
            body.writeTo(beside);
            move(beside, absolute);
            beside = null;
        } catch (IOException e) {
            throw new UserException("cannot write " + target + ": " + reason(e), e);
        } finally {
            if (beside != null) {
                deleteQuietly(beside);
            }
        }
    }

    /**
     * A name for something half-made beside its final name: hidden, unique and ending in {@value #PART}. (Java's temporary files would
     * do, but nobody else may read them, and that stays when they are moved.)
     *
     * @param target the final name
     * @return a path in the same folder at which there is nothing yet
     */
    public static Path beside(Path target) {
        String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
        return target.resolveSibling("." + target.getFileName() + "." + random + PART);
    }

    /**
     * Moves a file or a folder into place in one step where the file system can.
     *
     * @param from what was written
     * @param to its final name on the same file system
     * @throws IOException if the move fails
     */
    public static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * A disk error in a user's words: Java's file exceptions often carry the bare path as their message.
     *
     * @param e the failure
     * @return its reason, never empty
     */
    public static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied" + (e.getMessage() == null ? "" : " (" + e.getMessage() + ")");
        }
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The failure that led here is the one to report.
        }
    }
}
