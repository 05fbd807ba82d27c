package io.lora4j.recipes.fetch;

import io.lora4j.datasets.GlueCheck;
import io.lora4j.datasets.GlueFile;
import io.lora4j.datasets.GlueFiles;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.hub.PublicFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Brings the files of a task of GLUE into a data folder. */
public final class GlueFetch {
    /** Where GLUE's own download script takes the archives from (nyu-mll/GLUE-baselines, {@code download_glue_data.py}). */
    public static final String OFFICIAL = "https://dl.fbaipublicfiles.com/glue/data/";

    /** Names that are not the task's; QNLI's first version is another data set. */
    private static final Map<String, String> ARCHIVES =
            Map.of("QQP", "QQP-clean.zip", "QNLI", "QNLIv2.zip", GlueFiles.AX, "AX.tsv");

    private static final long MAX_BYTES = 1L << 30;

    private final List<GlueFile> files;
    private final String archive;
    private final Path folder;

    /**
     * @param files the files of one task
     * @param archive the archive's name; one that does not end in {@code .zip} is the task's only file
     * @param folder the data folder
     */
    GlueFetch(List<GlueFile> files, String archive, Path folder) {
        this.files = List.copyOf(files);
        this.archive = archive;
        this.folder = folder;
    }

    /**
     * Downloads what is missing.
     *
     * <p>The archive is kept in the folder, hidden, while it is incomplete, so that an interrupted download goes on; the files come into place
     * when all of them are complete and are what GLUE publishes, by checksum where it is known and by rows where it is not.
     *
     * @param task a task's name, or AX
     * @param folder the data folder; made if it does not exist
     * @param from the folder of the archives, ending in {@code /}: {@link #OFFICIAL} or a copy of it
     * @return whether anything had to be fetched
     * @throws UserException if there is no such task, it has no archive (MRPC), a file in the folder is another than the published one (it is
     *     never overwritten), or the server or the disk refuses
     * @throws FormatException if what came is not what GLUE publishes; it is thrown away
     */
    public static boolean fetch(String task, Path folder, URI from) {
        List<GlueFile> files = GlueFiles.of(task);
        String name = files.get(0).task();
        if (name.equals("MRPC")) {
            throw new UserException(
                    "MRPC has no archive: its texts are Microsoft's, and GLUE's script makes the files from them; put train.tsv, "
                            + "dev.tsv and test.tsv into " + folder.resolve(name)
                            + " and run `lora4j data verify MRPC`");
        }
        return new GlueFetch(files, ARCHIVES.getOrDefault(name, name + ".zip"), folder).from(from);
    }

    /** Fetches from a server; see {@link #fetch}. */
    boolean from(URI server) {
        try {
            Files.createDirectories(folder);
            List<GlueFile> missing = missing();
            if (missing.isEmpty()) {
                return false;
            }
            Path download = folder.resolve("." + archive);
            PublicFile.download(server.resolve(archive), download, MAX_BYTES);
            Path staging = Files.createDirectory(AtomicFile.beside(folder.resolve(archive)));
            try {
                unpack(download, staging);
                check(download, staging);
                for (GlueFile file : missing) {
                    Path target = folder.resolve(file.file());
                    createParent(target);
                    AtomicFile.move(staging.resolve(file.file()), target);
                }
            } finally {
                delete(staging);
                Files.deleteIfExists(download);
            }
            return true;
        } catch (IOException e) {
            throw new UserException("cannot write to " + folder + ": " + AtomicFile.reason(e), e);
        }
    }

    private List<GlueFile> missing() {
        List<GlueCheck.Result> results = GlueCheck.check(folder, files);
        for (GlueCheck.Result result : results) {
            if (result.state() == GlueCheck.State.CHANGED) {
                throw new UserException(folder.resolve(result.known().file())
                        + " is another file than the published one, and is not overwritten: move it away first");
            }
        }
        return results.stream()
                .filter(result -> result.state() == GlueCheck.State.MISSING)
                .map(GlueCheck.Result::known)
                .toList();
    }

    private void unpack(Path download, Path staging) throws IOException {
        if (archive.endsWith(".zip")) {
            SafeUnzip.extract(download, files.stream().map(GlueFile::file).toList(), staging);
            return;
        }
        Path only = staging.resolve(files.get(0).file());
        createParent(only);
        Files.copy(download, only);
    }

    private void check(Path download, Path staging) {
        for (GlueCheck.Result result : GlueCheck.check(staging, files)) {
            if (result.state() != GlueCheck.State.FINE && result.state() != GlueCheck.State.ROWS_FINE) {
                throw new FormatException(
                        download,
                        "its " + result.known().file() + " has " + result.rows() + " rows and the checksum "
                                + result.sha256() + ", the published file has "
                                + result.known().rows() + " rows"
                                + (result.known().sha256() == null
                                        ? ""
                                        : " and " + result.known().sha256())
                                + "; it was thrown away");
            }
        }
    }

    private static void createParent(Path file) throws IOException {
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
