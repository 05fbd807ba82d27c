package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verbs that compute nothing answer without ND4J: its start costs seconds and needs a native library. */
class LazyLoadingTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "--version",
                "run --help",
                "bench --help",
                "ls",
                "ls keys",
                "ls --json",
                "ls schema",
                "completion bash",
                "models ls --json",
                "data ls",
                "validate quickstart train.seeds=[1,2]",
                "validate glue/cola data.dir=nowhere"
            })
    void noNd4j(String words) throws Exception {
        Path classes = folder.resolve("classes.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + classes,
                "-Dlora4j.recipes=" + Cli.RECIPES,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(words.split(" ")));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), output);
        List<String> loaded = Files.readAllLines(classes);
        assertTrue(loaded.stream().anyMatch(line -> line.contains(Main.class.getName())), "the log has no classes");
        assertEquals(
                List.of(),
                loaded.stream()
                        .filter(line -> line.contains(" org.nd4j.")
                                || line.contains(" org.bytedeco.")
                                || line.contains(" ai.djl."))
                        .toList());
    }
}
