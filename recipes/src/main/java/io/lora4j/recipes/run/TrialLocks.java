package io.lora4j.recipes.run;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps two processes from one trial: a byte of a file for every trial, locked as long as a process is at it. The system releases what a dead
 * process has held. The file stays as long as trials are left, for whoever deleted it would take other processes' locks away.
 */
final class TrialLocks implements AutoCloseable {
    private static final String NAME = ".trials.lock";

    private final Path file;
    private final FileChannel channel;

    /**
     * @throws UserException if the run directory cannot be written
     */
    TrialLocks(RunDirectory directory) {
        this.file = directory.resolve(NAME);
        try {
            this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /**
     * Takes a trial unless somebody else is at it.
     *
     * @param number the trial's place in the plan
     * @return the lock, to be closed; null if it is taken
     */
    @Nullable
    FileLock take(int number) {
        try {
            return channel.tryLock(number, 1, false);
        } catch (OverlappingFileLockException ofThisProcess) {
            return null;
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /**
     * Takes a trial, and waits for whoever is at it.
     *
     * @param number the trial's place in the plan
     * @return the lock, to be closed
     */
    FileLock await(int number) {
        try {
            return channel.lock(number, 1, false);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** Gives a trial back. */
    void release(FileLock lock) {
        try {
            lock.release();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** For the end of a comparison: every trial has a result, which whoever comes late sees. */
    static void delete(RunDirectory directory) {
        Path file = directory.resolve(NAME);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static UserException failed(Path file, IOException e) {
        return new UserException("cannot lock " + file + ": " + AtomicFile.reason(e), e);
    }
}
