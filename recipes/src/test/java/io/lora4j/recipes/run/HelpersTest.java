package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share a comparison's trials. */
@Tag("slow")
class HelpersTest {
    private static final int HELPERS = 2;

    @TempDir
    private Path folder = Path.of("");

    private RunOptions options(String output) {
        return new RunOptions(folder.resolve("home"), folder, folder.resolve(output), Map.of());
    }

    private Process start(Path run, int number) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-javaagent") && !flag.startsWith("-agent"))
                .forEach(command::add);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                HelperChild.class.getName(),
                run.toString(),
                folder.resolve("home").toString(),
                folder.resolve("begun" + number).toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("OMP_NUM_THREADS", "1");
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("log" + number).toFile())
                .start();
    }

    private void work(Path run) {
        List<Process> processes = new ArrayList<>();
        try {
            for (int i = 0; i < HELPERS; i++) {
                processes.add(start(run, i));
            }
            for (int i = 0; i < HELPERS; i++) {
                assertEquals(0, processes.get(i).waitFor(), Files.readString(folder.resolve("log" + i)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void everyTrialIsOneProcesssAndTheResultsAreThoseOfOneProcess() throws IOException {
        Path file = ContractBench.write(folder);
        Recipe recipe = RecipeReader.read(
                file, List.of("methods=[lora, lora-plus, lora-one]", "train.seeds=[1,2,3]", "train.steps=150"), folder);
        ComparisonResult alone = ComparisonRunner.run(recipe, options("alone"), RunListener.NONE);
        List<TrialKey> begun = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void onTrialStart(TrialKey trial, int number) {
                begun.add(trial);
            }
        };
        ComparisonResult shared = ComparisonRunner.run(recipe, options("shared").withHelpers(this::work), listener);

        assertEquals(List.of(), begun, "nothing was left");
        List<String> helped = new ArrayList<>();
        for (int i = 0; i < HELPERS; i++) {
            List<String> own = Files.readAllLines(folder.resolve("begun" + i));
            assertFalse(own.isEmpty(), "each has had a part");
            helped.addAll(own);
        }
        assertEquals(helped.size(), new HashSet<>(helped).size(), () -> "a trial twice: " + helped);
        assertEquals(12, helped.size());
        assertEquals(
                alone.trials().stream()
                        .map(trial -> List.of(trial.key(), trial.dev()))
                        .toList(),
                shared.trials().stream()
                        .map(trial -> List.of(trial.key(), trial.dev()))
                        .toList());
        assertTrue(Files.notExists(shared.folder().resolve(".trials.lock")));
    }
}
