package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.cli.Cli.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The real job through the command line, made short. */
@Tag("slow")
class RunCommandTest {
    private static final List<String> SHORT =
            List.of("run", "quickstart", "train.steps=2", "data.max_train_samples=64", "data.max_eval_samples=32");

    @TempDir
    Path folder;

    private Outcome run(String... more) {
        List<String> words = new ArrayList<>(SHORT);
        words.addAll(List.of(more));
        return Cli.lora4j(words.toArray(String[]::new));
    }

    private Path output() {
        return folder.resolve("out");
    }

    private static List<String> filesBelow(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void printsTheTableAndKeepsWhatMadeIt() throws Exception {
        Outcome outcome = run("gradient.examples=16", "--output", output().toString());
        assertEquals(0, outcome.code(), outcome::err);
        assertEquals("", outcome.err(), "no terminal: nothing but the table");
        for (String row : List.of("majority ", "head-only ", "lora ", "lora-plus ", "lora-ga ", "lora-one ")) {
            assertTrue(outcome.out().lines().anyMatch(line -> line.startsWith(row)), row + " in:\n" + outcome.out());
        }
        assertTrue(outcome.out().endsWith("written to " + output().toAbsolutePath() + "\n"), outcome::out);
        List<String> files = filesBelow(output());
        assertTrue(
                files.containsAll(
                        List.of("recipe.yaml", "provenance.json", "result.json", "table.md", "table.csv", "run.log")),
                files::toString);
        Outcome again = Cli.lora4j("compare", output().toString(), "--format", "md");
        assertEquals(Files.readString(output().resolve("table.md")), again.out(), again::err);
        String log = Files.readString(output().resolve("run.log"));
        assertTrue(log.contains("trial 5: lora-one"), log);
    }

    @Test
    void aRunDirectoryThatIsNotEmptyIsRefusedAndLeftAlone() throws Exception {
        Files.createDirectories(output());
        Files.writeString(output().resolve("thesis.txt"), "mine");
        Outcome outcome = run("--output", output().toString());
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("not empty"), outcome::err);
        assertEquals(List.of("thesis.txt"), filesBelow(output()));
    }

    @Test
    void aFolderThatCannotBeWrittenIsCode2() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Outcome outcome = run("--output", file.resolve("below").toString());
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().startsWith("lora4j: "), outcome::err);
        assertEquals(1, outcome.err().lines().count(), outcome::err);
    }

    @Test
    void missingDataIsCode2AndLeavesNothing() throws Exception {
        Outcome outcome =
                Cli.lora4j("run", "glue/cola", "data.dir=" + folder.resolve("none"), "--output", output().toString());
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("train.tsv"), outcome::err);
        assertFalse(Files.exists(output()), () -> "left behind: " + output());
    }

    @Test
    void aTargetThatMatchesNothingAndARankTooLargeAreCode2() {
        Outcome target = run("adapter.targets=[qeury]", "--output", output().toString());
        assertEquals(2, target.code());
        assertTrue(target.err().contains("qeury"), target::err);
        assertEquals(1, target.err().lines().count(), target::err);
        Outcome rank = run(
                "adapter.rank=2000",
                "gradient.examples=4000",
                "--output",
                folder.resolve("other").toString());
        assertEquals(2, rank.code());
        assertTrue(rank.err().contains("2000"), rank::err);
    }

    @Test
    void aNonFiniteLossIsCode3AndNamesLayerAndStep() throws Exception {
        Outcome outcome =
                run("methods=[{name: lora, learning_rate: 1e30}]", "train.steps=20", "--output", output().toString());
        assertEquals(3, outcome.code(), outcome::err);
        assertTrue(outcome.err().matches("(?s).*diverged at step \\d+ in layer \\S+: .*"), outcome::err);
        assertTrue(outcome.out().contains("lora "), "its row is in the table: " + outcome.out());
        assertTrue(Files.readString(output().resolve("run.log")).contains("DivergedException"));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void anInterruptionIsCode130AndSaysHowToGoOn() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dlora4j.recipes=" + Cli.RECIPES,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "quickstart",
                "methods=[lora]",
                "train.learning_rate=1e-3",
                "train.steps=30",
                "--output",
                output().toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
            while (!Files.exists(output().resolve("run.log")) && System.nanoTime() < deadline) {
                Thread.sleep(100);
            }
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(130, process.exitValue(), text);
            assertTrue(text.contains("lora4j: interrupted; go on with: lora4j run --resume " + output()), text);
            Outcome goneOn = Cli.lora4j("run", "--resume", output().toString());
            assertEquals(0, goneOn.code(), goneOn::err);
            assertTrue(goneOn.out().contains("lora "), goneOn::out);
        } finally {
            process.destroyForcibly();
        }
    }
}
