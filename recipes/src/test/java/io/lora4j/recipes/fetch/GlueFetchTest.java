package io.lora4j.recipes.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lora4j.datasets.GlueFile;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server on this machine: what arrives is what is published, or nothing arrives. */
class GlueFetchTest {
    private static final String TRAIN = "WNLI/train.tsv";
    private static final String DEV = "WNLI/dev.tsv";
    private static final String ARCHIVE = "WNLI.zip";

    @TempDir
    Path temp;

    private Path folder;
    private FileServer server;

    @BeforeEach
    void start() throws IOException {
        folder = temp.resolve("data");
        server = new FileServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] text(int seed) {
        StringBuilder text = new StringBuilder("index\tsentence1\tsentence2\tlabel\n");
        Random random = new Random(seed);
        for (int i = 0; i < 5000; i++) {
            text.append(i)
                    .append('\t')
                    .append(Long.toHexString(random.nextLong()))
                    .append("\tb\t0\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private static Map<String, byte[]> good() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("WNLI/", new byte[0]);
        entries.put(TRAIN, text(1));
        entries.put(DEV, text(2));
        entries.put("WNLI/original/notes.txt", "not wanted".getBytes(StandardCharsets.US_ASCII));
        return entries;
    }

    private GlueFetch fetch() {
        return new GlueFetch(
                List.of(
                        new GlueFile("WNLI", GlueFile.Split.TRAIN, TRAIN, 5000, sha256(text(1))),
                        new GlueFile("WNLI", GlueFile.Split.DEV, DEV, 5000, null)),
                ARCHIVE,
                folder);
    }

    private List<String> inFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void bringsTheFilesOnceAndNothingElse() throws IOException {
        server.files.put(ARCHIVE, zip(good()));
        assertTrue(fetch().from(server.address()));
        assertEquals(List.of(DEV, TRAIN), inFolder());
        assertArrayEquals(text(1), Files.readAllBytes(folder.resolve(TRAIN)));
        assertFalse(fetch().from(server.address()));
        assertEquals(List.of(ARCHIVE), server.seen);
    }

    @Test
    void aBrokenDownloadGoesOnWhereItStopped() throws IOException {
        byte[] archive = zip(good());
        server.files.put(ARCHIVE, archive);
        server.cuts.addAll(List.of(40_000, 10_000));
        assertTrue(fetch().from(server.address()));
        assertEquals(
                List.of(ARCHIVE, ARCHIVE + " bytes=40000- if \"one\"", ARCHIVE + " bytes=50000- if \"one\""),
                server.seen);
        assertEquals(List.of(DEV, TRAIN), inFolder());
    }

    @Test
    void theNextProgramGoesOnToo() throws IOException {
        server.files.put(ARCHIVE, zip(good()));
        server.cuts.addAll(List.of(30_000, 0, 0, 0));
        String message = assertThrows(UserException.class, () -> fetch().from(server.address()))
                .getMessage();
        assertTrue(message.contains("30000 bytes are kept"), message);
        assertTrue(fetch().from(server.address()));
        assertEquals(ARCHIVE + " bytes=30000- if \"one\"", server.seen.get(server.seen.size() - 1));
        assertEquals(List.of(DEV, TRAIN), inFolder());
    }

    @Test
    void anotherVersionIsNotMixedIn() throws IOException {
        server.files.put(ARCHIVE, "x".repeat(100_000).getBytes(StandardCharsets.US_ASCII));
        server.cuts.addAll(List.of(30_000, 0, 0, 0));
        assertThrows(UserException.class, () -> fetch().from(server.address()));
        server.files.put(ARCHIVE, zip(good()));
        server.etag = "\"two\"";
        assertTrue(fetch().from(server.address()));
        assertArrayEquals(text(2), Files.readAllBytes(folder.resolve(DEV)));
    }

    @Test
    void whatIsNotThePublishedFileIsThrownAway() throws IOException {
        Map<String, byte[]> entries = good();
        byte[] changed = text(1);
        changed[1000] ^= 1;
        entries.put(TRAIN, changed);
        server.files.put(ARCHIVE, zip(entries));
        FormatException e = assertThrows(FormatException.class, () -> fetch().from(server.address()));
        assertTrue(String.valueOf(e.getMessage()).contains(sha256(text(1))), e.getMessage());
        assertEquals(List.of(), inFolder());
        entries.put(TRAIN, text(1));
        entries.put(DEV, "index\n0\n".getBytes(StandardCharsets.US_ASCII));
        server.files.put(ARCHIVE, zip(entries));
        assertThrows(FormatException.class, () -> fetch().from(server.address()));
        assertEquals(List.of(), inFolder());
    }

    @Test
    void archivesThatLeadOutLackFilesOrAreNoneAreRefused() throws IOException {
        List<byte[]> archives = new ArrayList<>();
        for (String name : List.of("../evil.tsv", "/evil.tsv", "WNLI/../../evil.tsv", "..\\evil.tsv", "C:evil.tsv")) {
            Map<String, byte[]> entries = good();
            entries.put(name, new byte[] {1});
            archives.add(zip(entries));
        }
        Map<String, byte[]> lacking = good();
        lacking.remove(DEV);
        archives.add(zip(lacking));
        archives.add("<html>no archive</html>".getBytes(StandardCharsets.US_ASCII));
        for (byte[] archive : archives) {
            server.files.put(ARCHIVE, archive);
            assertThrows(FormatException.class, () -> fetch().from(server.address()));
            assertEquals(List.of(), inFolder());
        }
        try (Stream<Path> around = Files.list(temp)) {
            assertEquals(List.of(folder), around.toList());
        }
    }

    @Test
    void aBombEndsEarly() throws IOException {
        Map<String, byte[]> entries = good();
        entries.put(TRAIN, new byte[(int) SafeUnzip.FREE_BYTES + 1]);
        byte[] archive = zip(entries);
        assertTrue(archive.length < 1 << 20, "it is small");
        server.files.put(ARCHIVE, archive);
        FormatException e = assertThrows(FormatException.class, () -> fetch().from(server.address()));
        assertTrue(String.valueOf(e.getMessage()).contains("expands to more than"), e.getMessage());
        assertEquals(List.of(), inFolder());
    }

    @Test
    void filesThatAreThereAreNeverOverwritten() throws IOException {
        server.files.put(ARCHIVE, zip(good()));
        Files.createDirectories(folder.resolve("WNLI"));
        Files.writeString(folder.resolve(TRAIN), "mine");
        UserException e = assertThrows(UserException.class, () -> fetch().from(server.address()));
        assertTrue(String.valueOf(e.getMessage()).contains("move it away"), e.getMessage());
        assertEquals("mine", Files.readString(folder.resolve(TRAIN)));
        assertEquals(List.of(), server.seen);
        Files.write(folder.resolve(TRAIN), text(1));
        assertTrue(fetch().from(server.address()), "the dev file is missing");
        assertEquals(List.of(DEV, TRAIN), inFolder());
    }

    @Test
    void aSingleFileIsNoArchive() throws IOException {
        byte[] rows = "index\tsentence1\tsentence2\n0\ta\tb\n".getBytes(StandardCharsets.US_ASCII);
        server.files.put("AX.tsv", rows);
        GlueFile ax = new GlueFile("AX", GlueFile.Split.TEST, "AX/diagnostic.tsv", 1, sha256(rows));
        assertTrue(new GlueFetch(List.of(ax), "AX.tsv", folder).from(server.address()));
        assertEquals(List.of("AX/diagnostic.tsv"), inFolder());
    }

    @Test
    void refusalsSayWhatIsWrong() {
        String missing = assertThrows(UserException.class, () -> GlueFetch.fetch("rte", folder, server.address()))
                .getMessage();
        assertEquals("the server answered 404 for " + server.address() + "RTE.zip: there is no such file", missing);
        for (String address : List.of("http://example.org/", "ftp://127.0.0.1/", "file:///tmp/", "relative/")) {
            assertThrows(UserException.class, () -> GlueFetch.fetch("rte", folder, URI.create(address)));
        }
        assertThrows(UserException.class, () -> GlueFetch.fetch("mrpc", folder, server.address()));
        assertThrows(UserException.class, () -> GlueFetch.fetch("nothing", folder, server.address()));
        assertEquals(List.of("RTE.zip"), server.seen);
    }

    @Test
    void theRealFilesPass() throws IOException {
        String glue = System.getenv("LORA4J_GLUE");
        assumeTrue(glue != null, "set LORA4J_GLUE to a folder with GLUE's files to run this");
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (String file : List.of("WNLI/train.tsv", "WNLI/dev.tsv", "WNLI/test.tsv")) {
            entries.put(file, Files.readAllBytes(Path.of(glue).resolve(file)));
        }
        server.files.put(ARCHIVE, zip(entries));
        assertTrue(GlueFetch.fetch("wnli", folder, server.address()));
        assertEquals(List.of("WNLI/dev.tsv", "WNLI/test.tsv", "WNLI/train.tsv"), inFolder());
    }
}
