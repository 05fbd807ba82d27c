package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 2, 3, 4, 5);

    @TempDir
    private Path folder;

    @Test
    void refusesAFolderThatIsNotEmpty() throws IOException {
        Path output = Files.createDirectory(folder.resolve("out"));
        Files.writeString(output.resolve("precious.txt"), "mine");
        UserException e = assertThrows(UserException.class, () -> RunDirectory.claim(output));
        assertEquals(
                "the run directory " + output
                        + " is not empty, and a run never overwrites: name another one with --output,"
                        + " or empty it first (rm -r " + output + ")",
                e.getMessage());
        assertEquals("mine", Files.readString(output.resolve("precious.txt")));
    }

    @Test
    void refusesAFile() throws IOException {
        Path output = Files.writeString(folder.resolve("out"), "a file");
        UserException e = assertThrows(UserException.class, () -> RunDirectory.claim(output));
        assertTrue(e.getMessage().startsWith("the run directory " + output + " cannot be written ("), e.getMessage());
        assertTrue(e.getMessage().endsWith("): name another one with --output"), e.getMessage());
        assertEquals("a file", Files.readString(output));
    }

    @Test
    void refusesAPlaceBelowAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "a file");
        UserException e = assertThrows(UserException.class, () -> RunDirectory.claim(file.resolve("a/b")));
        assertTrue(e.getMessage().contains("cannot be written"), e.getMessage());
        UserException below = assertThrows(UserException.class, () -> RunDirectory.claim(file, "recipe", TIME, 1));
        assertTrue(below.getMessage().contains("cannot be written"), below.getMessage());
    }

    @Test
    void takesAnEmptyFolderAndLeavesItWhereItWas() throws IOException {
        Path output = Files.createDirectory(folder.resolve("out"));
        RunDirectory.claim(output).release();
        assertTrue(Files.isDirectory(output));
        assertEquals(0, output.toFile().list().length);
    }

    @Test
    void aReleasedClaimLeavesNothing() {
        RunDirectory.claim(folder.resolve("a/b/c")).release();
        assertFalse(Files.exists(folder.resolve("a")));
        RunDirectory.claim(folder.resolve("runs"), "recipe", TIME, 1).release();
        assertFalse(Files.exists(folder.resolve("runs")));
    }

    @Test
    void aReleaseKeepsWhatSomebodyPutThere() throws IOException {
        RunDirectory directory = RunDirectory.claim(folder.resolve("a/b"));
        Files.writeString(directory.resolve("x"), "x");
        directory.release();
        assertTrue(Files.exists(folder.resolve("a/b/x")));
    }

    @Test
    void isCalledAfterRecipeTimeAndSeed() {
        assertEquals(
                folder.resolve("runs/mrpc/20260102-030405-7"),
                RunDirectory.claim(folder.resolve("runs"), "mrpc", TIME, 7).folder());
        assertEquals(
                folder.resolve("runs/mrpc/20260102-030405-7-2"),
                RunDirectory.claim(folder.resolve("runs"), "mrpc", TIME, 7).folder());
    }
}
