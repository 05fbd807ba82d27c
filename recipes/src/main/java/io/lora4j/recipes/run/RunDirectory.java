package io.lora4j.recipes.run;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The folder of one run. It is claimed before any work is done, so that a disk that refuses is heard of first; a claim that comes to
 * nothing ({@link #release}) leaves nothing behind. An existing file is never touched.
 */
public final class RunDirectory {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    private static final String LOCK = ".lock";
    private static final String PROBE = ".probe";
    private static final String RECIPE = "recipe.yaml";
    private static final String PROVENANCE = "provenance.json";

    private final Path folder;
    private final Deque<Path> created;

    private RunDirectory(Path folder, Deque<Path> created) {
        this.folder = folder;
        this.created = created;
    }

    /**
     * Claims a folder that the user named.
     *
     * @param output a folder that is empty (but for what a process has left that died before it began) or does not exist
     * @return the claimed folder
     * @throws UserException if it holds anything, is a file, or cannot be written
     */
    public static RunDirectory claim(Path output) {
        Path folder = output.toAbsolutePath().normalize();
        try {
            Deque<Path> created = create(folder);
            try (Stream<Path> content = Files.list(folder)) {
                if (content.anyMatch(file -> !isLeftover(file))) {
                    throw new UserException(
                            "the run directory " + output + " is not empty, and a run never overwrites: name"
                                    + " another one with --output, or empty it first (rm -r " + output + ")");
                }
            }
            RunDirectory directory = new RunDirectory(folder, created);
            directory.probe();
            return directory;
        } catch (IOException e) {
            throw unusable(output, e);
        }
    }

    /**
     * Claims {@code runs/NAME/TIME-SEED}; a number is added if two runs start within a second.
     *
     * @param runs the folder of all runs
     * @param name the recipe's name
     * @param time now
     * @param seed the first seed
     * @return the claimed folder
     * @throws UserException if it cannot be written
     */
    public static RunDirectory claim(Path runs, String name, LocalDateTime time, long seed) {
        Path parent = runs.toAbsolutePath().normalize().resolve(name);
        String base = TIME.format(time) + "-" + seed;
        try {
            Deque<Path> created = create(parent);
            for (int i = 1; ; i++) {
                Path folder = parent.resolve(i == 1 ? base : base + "-" + i);
                try {
                    Files.createDirectory(folder);
                } catch (FileAlreadyExistsException e) {
                    continue;
                }
                created.push(folder);
                return new RunDirectory(folder, created);
            }
        } catch (IOException e) {
            throw unusable(parent.resolve(base), e);
        }
    }

    /**
     * Claims a folder of one's own, whether it is new, begun or half made: a process may have died between any two of its files.
     *
     * @param output the folder
     * @return the claimed folder
     * @throws UserException if it is a file, or cannot be written
     */
    public static RunDirectory claimAgain(Path output) {
        Path folder = output.toAbsolutePath().normalize();
        try {
            RunDirectory directory = new RunDirectory(folder, create(folder));
            directory.probe();
            return directory;
        } catch (IOException e) {
            throw unusable(output, e);
        }
    }

    /**
     * Takes the folder of an earlier run again, to go on with it.
     *
     * @throws UserException if it is no run directory
     */
    static RunDirectory reopen(Path output) {
        Path folder = output.toAbsolutePath().normalize();
        for (String name : new String[] {RECIPE, PROVENANCE}) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new UserException("cannot go on with " + output + ": it is no run directory, for it has no "
                        + name + "; name the folder that the run printed");
            }
        }
        return new RunDirectory(folder, new ArrayDeque<>());
    }

    /**
     * Keeps other processes out.
     *
     * @return the lock, to be closed; the system releases it where the process dies
     * @throws UserException if another process is at work here
     */
    public Lock lock() {
        Path file = folder.resolve(LOCK);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (channel.tryLock() != null) {
                    return new Lock(file, channel);
                }
            } catch (OverlappingFileLockException ofThisProcess) {
                // said below
            }
            channel.close();
            throw new UserException("another process is at work in " + folder + ": wait for it, or end it first");
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    /**
     * A run directory that is this process's alone.
     *
     * @param file what is locked
     * @param channel holds the lock
     */
    public record Lock(Path file, FileChannel channel) implements AutoCloseable {
        @Override
        public void close() {
            try {
                Files.deleteIfExists(file);
                channel.close();
            } catch (IOException e) {
                throw unusable(file, e);
            }
        }
    }

    /**
     * The folder itself.
     *
     * @return an absolute path
     */
    public Path folder() {
        return folder;
    }

    /** The resolved recipe. */
    Path recipe() {
        return folder.resolve(RECIPE);
    }

    /** The text of the resolved recipe; empty if it is not there. */
    String writtenRecipe() {
        try {
            return Files.exists(recipe()) ? Files.readString(recipe()) : "";
        } catch (IOException e) {
            throw new UserException("cannot read " + recipe() + ": " + AtomicFile.reason(e), e);
        }
    }

    /** What made the results. */
    Path provenance() {
        return folder.resolve(PROVENANCE);
    }

    /** The folder of a finished trial. */
    Path trial(TrialKey key) {
        return folder.resolve("trials").resolve(key.folderName());
    }

    /**
     * A file or folder in it.
     *
     * @param name its name
     * @return its path, whether it is there or not
     */
    public Path resolve(String name) {
        return folder.resolve(name);
    }

    /** Removes the folders that were made for this claim, as long as they are empty. */
    public void release() {
        for (Path made : created) {
            try {
                Files.deleteIfExists(made);
            } catch (IOException e) {
                return; // someone has put something there: it stays
            }
        }
    }

    /** A lock, or something half made: no content. */
    private static boolean isLeftover(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.equals(LOCK) || name.startsWith(PROBE) || (name.startsWith(".") && name.endsWith(AtomicFile.PART));
    }

    /** Makes a folder with its parents; returns those that were not there, the innermost first. */
    private static Deque<Path> create(Path folder) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path path = folder; path != null && !Files.exists(path); path = path.getParent()) {
            missing.addLast(path);
        }
        Files.createDirectories(folder);
        return missing;
    }

    private void probe() throws IOException {
        Files.delete(Files.createTempFile(folder, PROBE, null));
    }

    private static UserException unusable(Path output, IOException e) {
        return new UserException(
                "the run directory " + output + " cannot be written (" + AtomicFile.reason(e)
                        + "): name another one with --output",
                e);
    }
}
