package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.DivergedException;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.recipes.reference.RecipeKeys;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class FailuresTest {
    private final StringWriter err = new StringWriter();

    @Command(name = "thrower")
    record Thrower(Exception failure) implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            throw failure;
        }
    }

    private int execute(Exception failure) {
        Failures failures = new Failures();
        return new CommandLine(new Thrower(failure))
                .setErr(new PrintWriter(err))
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures)
                .execute();
    }

    @Test
    void aUsersMistakeIsItsMessageAndCode2() {
        assertEquals(2, execute(new UserException("recipe.yaml:3: unknown key \"rnk\"; did you mean \"rank\"?")));
        assertEquals("lora4j: recipe.yaml:3: unknown key \"rnk\"; did you mean \"rank\"?\n", err.toString());
    }

    @Test
    void aMistakeInsideAnotherExceptionIsFound() {
        UserException mistake =
                new FormatException(Path.of("model.safetensors"), 8, "header of 99 bytes, the file has 20");
        assertEquals(2, execute(new IllegalStateException("while loading", mistake)));
        assertEquals("lora4j: model.safetensors: header of 99 bytes, the file has 20 (at byte 8)\n", err.toString());
    }

    @Test
    void divergenceIsCode3AndNamesLayerAndStep() {
        assertEquals(3, execute(new DivergedException("classifier", 7, "loss is NaN")));
        assertEquals("lora4j: training diverged at step 7 in layer classifier: loss is NaN\n", err.toString());
    }

    @Test
    void interruptionIsCode130() {
        assertEquals(130, execute(new InterruptedException()));
        assertEquals("lora4j: interrupted\n", err.toString());
    }

    @Test
    void anUnusablePathIsCode2() {
        assertEquals(2, execute(new NoSuchFileException("data/train.tsv")));
        assertEquals("lora4j: data/train.tsv: there is no such file or folder\n", err.toString());
        assertEquals(2, execute(new UncheckedIOException(new AccessDeniedException("/etc/shadow"))));
        assertTrue(err.toString().endsWith("lora4j: /etc/shadow: permission denied\n"), err::toString);
        assertEquals(2, execute(new FileSystemException("out", null, "Read-only file system")));
    }

    @Test
    void aFullDiskIsAFailureNotAMistake() {
        assertEquals(1, execute(new FileSystemException("out", null, "No space left on device")));
        assertEquals("lora4j: FileSystemException: out: No space left on device\n", err.toString());
        assertEquals(1, execute(new IOException("broken pipe")));
    }

    @Test
    void aFaultOfTheProgramShowsItsStackTrace() {
        assertEquals(1, execute(new IllegalStateException("rows and columns swapped")));
        assertTrue(err.toString().contains("rows and columns swapped"), err::toString);
        assertTrue(err.toString().contains("at " + FailuresTest.class.getName()), err::toString);
    }

    @Test
    void noMemoryNamesTheRemedy() {
        CommandLine command = new CommandLine(new Thrower(new IOException())).setErr(new PrintWriter(err));
        assertEquals(1, Failures.report(new OutOfMemoryError("Physical memory usage is too high"), command));
        assertTrue(err.toString().contains("LORA4J_JAVA_OPTS"), err::toString);
        for (String key : List.of("train.micro_batch", "model.max_length")) {
            assertTrue(err.toString().contains(key), err::toString);
            assertTrue(RecipeKeys.overrides().containsKey(key), key + " is no key of recipes");
        }
        assertFalse(err.toString().contains("\tat "), err::toString);
    }
}
