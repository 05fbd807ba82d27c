package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class RunLogTest {
    private static final Logger OURS = LoggerFactory.getLogger("io.lora4j.train.Trainer");
    private static final Logger THEIRS = LoggerFactory.getLogger("org.nd4j.linalg.factory.Nd4j");

    @TempDir
    Path folder;

    private static String consoleOf(Runnable work) {
        PrintStream before = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            work.run();
        } finally {
            System.setErr(before);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }

    private static void logSomething(String when) {
        OURS.info("{}: our information", when);
        OURS.warn("{}: our warning", when);
        THEIRS.info("{}: their information", when);
        THEIRS.warn("{}: their warning", when);
        THEIRS.debug("{}: their details", when);
    }

    @Test
    void theConsoleHearsOurWarningsOnly() {
        assertEquals("warning: alone: our warning\n", consoleOf(() -> logSomething("alone")));
    }

    @Test
    void theRunDirectoryGetsEverythingWhileAttached() throws Exception {
        String console = consoleOf(() -> {
            logSomething("before");
            try (RunLog log = RunLog.attach(folder)) {
                assertEquals(folder.resolve("run.log"), log.file());
                logSomething("during");
                OURS.info("failed", new IllegalStateException("with its stack trace"));
            }
            logSomething("after");
        });
        assertEquals(3, console.lines().count(), console);
        String log = Files.readString(folder.resolve(RunLog.FILE));
        for (String expected : new String[] {
            "INFO  i.l.t.Trainer - during: our information",
            "WARN  i.l.t.Trainer - during: our warning",
            "INFO  o.n.l.f.Nd4j - during: their information",
            "WARN  o.n.l.f.Nd4j - during: their warning",
            "java.lang.IllegalStateException: with its stack trace"
        }) {
            assertTrue(log.contains(expected), expected + " in:\n" + log);
        }
        for (String other : new String[] {"before", "after", "details"}) {
            assertFalse(log.contains(other), other + " in:\n" + log);
        }
    }

    @Test
    void twoRunsInOneProcessHaveALogEach() throws Exception {
        for (String run : new String[] {"one", "two"}) {
            try (RunLog log = RunLog.attach(Files.createDirectory(folder.resolve(run)))) {
                OURS.info(log.file().getParent().getFileName().toString());
            }
        }
        assertTrue(Files.readString(folder.resolve("one/run.log")).endsWith(" - one\n"));
        assertTrue(Files.readString(folder.resolve("two/run.log")).endsWith(" - two\n"));
    }
}
