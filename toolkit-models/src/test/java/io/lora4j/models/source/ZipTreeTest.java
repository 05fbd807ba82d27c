package io.lora4j.models.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives are read, archives in archives too; none expands without bound and no name in them becomes a path. */
class ZipTreeTest {
    private static final byte[] TEXT = "hello".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder = Path.of("");

    /** What an entry holds. */
    @FunctionalInterface
    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private static byte[] zip(String name, Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            content.writeTo(zip);
        }
        return bytes.toByteArray();
    }

    private static void zeros(OutputStream out, long megabytes) throws IOException {
        byte[] block = new byte[1 << 20];
        for (long i = 0; i < megabytes; i++) {
            out.write(block);
        }
    }

    private FileTree tree(byte[] bytes) throws IOException {
        return FileTree.open(Files.write(folder.resolve("a.jar"), bytes));
    }

    private static ByteSource file(FileTree tree, String name) {
        return Objects.requireNonNull(tree.find(name), name);
    }

    @Test
    void entriesAreReadAnyNumberOfTimes() throws IOException {
        FileTree tree = tree(zip("sub/x.txt", out -> out.write(TEXT)));
        for (int i = 0; i < 2; i++) {
            assertArrayEquals(TEXT, file(tree, "sub/x.txt").readAll(9));
        }
        assertEquals(
                folder.resolve("a.jar") + "!sub/x.txt",
                file(tree, "sub/x.txt").name().toString());
        assertArrayEquals(TEXT, file(tree.below("sub/"), "x.txt").readAll(9));
        FormatException e = assertThrows(
                FormatException.class, () -> file(tree, "sub/x.txt").readAll(4));
        assertTrue(e.getMessage().contains("longer than the 4 bytes"), e.getMessage());
    }

    @Test
    void archivesInArchivesAreFoundByTheirFirstBytes() throws IOException {
        byte[] large = new byte[9 << 20];
        new Random(1).nextBytes(large);
        byte[] inner = zip("deep/x.bin", out -> out.write(large));
        FileTree tree = tree(zip("inner-without-ending", out -> out.write(inner)));
        List<FileTree> nested = tree.nested();
        assertEquals(1, nested.size());
        for (int i = 0; i < 2; i++) {
            assertArrayEquals(large, file(nested.get(0), "deep/x.bin").readAll(1 << 24));
        }
    }

    @Test
    void aZipBombEndsEarly() throws IOException {
        FileTree bomb = tree(zip("bomb", out -> zeros(out, 400)));
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertBomb(file(bomb, "bomb")));
    }

    private static void assertBomb(ByteSource bomb) throws IOException {
        try (InputStream in = bomb.open()) {
            FormatException e =
                    assertThrows(FormatException.class, () -> in.transferTo(OutputStream.nullOutputStream()));
            assertTrue(e.getMessage().contains("100 times"), e.getMessage());
            assertTrue(e.offset().orElse(0) < 70 << 20, "ended at " + e.offset());
        }
    }

    @Test
    void aZipBombInAZipFileEndsWhenItIsListed() throws IOException {
        byte[] inner = zip("bomb", out -> zeros(out, 400));
        FileTree tree = tree(zip("inner", out -> out.write(inner)));
        FormatException e = assertTimeoutPreemptively(
                Duration.ofSeconds(10), () -> assertThrows(FormatException.class, tree::nested));
        assertTrue(e.getMessage().contains("100 times"), e.getMessage());
    }

    @Test
    void tooManyEntriesAreRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i <= ZipTree.MAX_ENTRIES; i++) {
                zip.putNextEntry(new ZipEntry("e" + i));
            }
        }
        FormatException e = assertThrows(FormatException.class, () -> tree(bytes.toByteArray()));
        assertTrue(e.getMessage().contains("more than 10000 entries"), e.getMessage());
    }

    @Test
    void damagedArchivesAreRefused() throws IOException {
        byte[] noise = new byte[200_000];
        new Random(2).nextBytes(noise);
        byte[] good = zip("x", out -> out.write(noise));
        for (int length : new int[] {0, 3, 30, 1000, good.length - 30, good.length - 1}) {
            assertThrows(FormatException.class, () -> tree(Arrays.copyOf(good, length)), "cut at " + length);
        }
        byte[] flipped = good.clone();
        flipped[1000] ^= 0x55;
        FileTree tree = tree(flipped);
        assertThrows(FormatException.class, () -> file(tree, "x").readAll(1 << 20));
        byte[] cutInside = Arrays.copyOf(good, 5000);
        FileTree outer = tree(zip("inner", out -> out.write(cutInside)));
        assertThrows(FormatException.class, outer::nested);
    }

    @Test
    void namesThatLeadOutsideStayNames() throws IOException {
        FileTree tree = tree(zip("../../evil.txt", out -> out.write(TEXT)));
        assertArrayEquals(TEXT, file(tree, "../../evil.txt").readAll(9));
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count(), "nothing was unpacked");
        }
    }

    @Test
    void whatIsNotThereIsAUsersMistake() {
        assertThrows(UserException.class, () -> FileTree.open(folder.resolve("none.jar")));
    }
}
