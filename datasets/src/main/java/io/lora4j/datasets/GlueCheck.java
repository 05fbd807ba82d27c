package io.lora4j.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds the files of a folder against what is known about GLUE's. */
public final class GlueCheck {
    /** What became of a file. */
    public enum State {
        /** The checksum is the published one's. */
        FINE,
        /** The number of rows is the published one; no checksum is known. */
        ROWS_FINE,
        /** There is no such file. */
        MISSING,
        /** Checksum or rows are others: results are not comparable with published ones. */
        CHANGED
    }

    /**
     * The outcome for one file.
     *
     * @param known the file, and what it should be
     * @param state the outcome
     * @param rows the rows found, without a header; 0 if the file is missing
     * @param sha256 the checksum found; null if the file is missing
     */
    public record Result(
            GlueFile known,
            State state,
            long rows,
            @Nullable String sha256) {}

    /** Programs disagree by a few on how many rows QQP has (363,846 or 363,849), because some of its lines are broken. */
    private static final int UNSURE_ROWS = 10;

    private static final int BUFFER = 1 << 16;

    private GlueCheck() {}

    /**
     * Checks files.
     *
     * @param folder the data folder
     * @param files which
     * @return one outcome per file, in order
     * @throws DataException if there is no such folder, or a file cannot be read
     */
    public static List<Result> check(Path folder, List<GlueFile> files) {
        if (!Files.isDirectory(folder)) {
            throw new DataException("the data folder " + folder.toAbsolutePath().normalize() + " does not exist");
        }
        return files.stream().map(file -> check(folder, file)).toList();
    }

    private static Result check(Path folder, GlueFile known) {
        Path path = folder.resolve(known.file());
        if (!Files.isRegularFile(path)) {
            return new Result(known, State.MISSING, 0, null);
        }
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(path), sha256())) {
            long rows = lines(in) - (known.header() ? 1 : 0);
            String found = HexFormat.of().formatHex(in.getMessageDigest().digest());
            return new Result(known, state(known, rows, found), rows, found);
        } catch (IOException e) {
            throw new DataException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static State state(GlueFile known, long rows, String sha256) {
        if (known.sha256() != null) {
            return known.sha256().equals(sha256) ? State.FINE : State.CHANGED;
        }
        int unsure = known.task().equals(GlueTask.QQP.taskName()) ? UNSURE_ROWS : 0;
        return Math.abs(rows - known.rows()) <= unsure ? State.ROWS_FINE : State.CHANGED;
    }

    /** Lines that are not empty; the last one may lack its end. */
    private static long lines(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long lines = 0;
        boolean text = false;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            for (int i = 0; i < read; i++) {
                if (buffer[i] == '\n') {
                    lines += text ? 1 : 0;
                    text = false;
                } else {
                    text |= buffer[i] != '\r';
                }
            }
        }
        return lines + (text ? 1 : 0);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
