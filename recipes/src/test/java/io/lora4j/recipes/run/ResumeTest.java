package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A comparison of all methods that is interrupted, or whose process dies, and goes on comes to what an undisturbed one comes to. */
class ResumeTest {
    @TempDir
    private static Path folder;

    private static Path recipeFile;
    private static ComparisonResult whole;

    @BeforeAll
    static void undisturbed() throws IOException {
        recipeFile = ContractBench.write(folder);
        whole = ComparisonRunner.run(recipe(), options("whole", () -> false), RunListener.NONE);
    }

    private static Recipe recipe() {
        return RecipeReader.read(recipeFile, List.of(), folder);
    }

    private static RunOptions options(String output, BooleanSupplier stop) {
        return new RunOptions(folder.resolve("home"), folder.resolve("runs"), folder.resolve(output), Map.of(), stop);
    }

    /** True when it was asked so many times. */
    private static BooleanSupplier after(int times) {
        int[] asked = {0};
        return () -> asked[0]++ >= times;
    }

    /** Which trials begin, which end, and which are kept. */
    private static final class Begun implements RunListener {
        final List<TrialKey> begun = new ArrayList<>();
        final List<TrialKey> kept = new ArrayList<>();
        final List<TrialKey> ended = new ArrayList<>();

        @Override
        public void onTrialStart(TrialKey trial, int number) {
            begun.add(trial);
        }

        @Override
        public void onTrialEnd(TrialResult result) {
            ended.add(result.key());
        }

        @Override
        public void onTrialKept(TrialResult result) {
            kept.add(result.key());
        }
    }

    private static void assertSameResults(Path out) throws IOException {
        int compared = 0;
        for (TrialResult trial : whole.trials()) {
            Path expected = trialFolder(whole.folder(), trial.key());
            Path actual = trialFolder(out, trial.key());
            List<String> names = names(expected);
            assertEquals(names, names(actual), trial.key().toString());
            for (String name : names) {
                // The others hold times.
                if (name.endsWith("metrics.jsonl") || name.equals("predictions.tsv") || name.endsWith(".safetensors")) {
                    assertArrayEquals(
                            Files.readAllBytes(expected.resolve(name)),
                            Files.readAllBytes(actual.resolve(name)),
                            trial.key() + ", " + name);
                    compared++;
                }
            }
            assertEquals(
                    Files.readAllLines(expected.resolve("timings.jsonl")).size(),
                    Files.readAllLines(actual.resolve("timings.jsonl")).size());
        }
        assertTrue(compared > whole.trials().size(), "metrics of all trials, and adapters");
    }

    private static Path trialFolder(Path run, TrialKey key) {
        return run.resolve("trials").resolve(key.folderName());
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private static void assertSameRows(ComparisonResult result) {
        assertEquals(whole.trials().size(), result.trials().size());
        for (int i = 0; i < result.trials().size(); i++) {
            TrialResult expected = whole.trials().get(i);
            TrialResult actual = result.trials().get(i);
            assertEquals(expected.key(), actual.key());
            assertEquals(expected.dev(), actual.dev());
            assertEquals(expected.finalLoss(), actual.finalLoss());
            assertEquals(expected.steps(), actual.steps());
            assertEquals(expected.trainableParameters(), actual.trainableParameters());
            assertEquals(expected.chosenStep(), actual.chosenStep());
            assertEquals(expected.setup().groups(), actual.setup().groups());
            assertEquals(expected.setup().deadPairs(), actual.setup().deadPairs());
            assertTrue(actual.trainSeconds() >= 0 && actual.initSeconds() >= 0 && actual.peakBytes() > 0);
        }
        assertEquals(whole.table().notes(), result.table().notes());
    }

    @Test
    void interruptedAgainAndAgain() throws IOException {
        String output = "interrupted";
        int most = 2 * whole.trials().size();
        assertThrows(
                RunInterruptedException.class,
                () -> ComparisonRunner.run(recipe(), options(output, after(4)), RunListener.NONE));
        Path out = folder.resolve(output);
        assertFalse(Files.exists(out.resolve("result.json")));
        Set<TrialKey> finished = new HashSet<>();
        ComparisonResult result = null;
        for (int stops = 1; result == null; stops++) {
            assertTrue(stops < 10 * most, "it never ends");
            Begun begun = new Begun();
            try {
                result = ComparisonRunner.resume(out, options(output, after(11)), begun);
            } catch (RunInterruptedException stopped) {
                assertEquals(out, stopped.folder());
            }
            begun.begun.forEach(key -> assertFalse(finished.contains(key), () -> key + " is run twice"));
            assertTrue(begun.kept.containsAll(finished), "what has ended is kept");
            finished.addAll(begun.kept);
            finished.addAll(begun.ended);
        }
        assertSameResults(out);
        assertSameRows(result);
        assertEquals(
                List.of(),
                names(out).stream()
                        .filter(name -> name.contains(".part") || name.contains("lock"))
                        .toList());
    }

    @Test
    void whatADeadProcessLeavesIsDoneAgain() throws IOException {
        String output = "killed";
        assertThrows(
                RunInterruptedException.class,
                () -> ComparisonRunner.run(recipe(), options(output, after(30)), RunListener.NONE));
        Path out = folder.resolve(output);
        Path part = names(out).stream()
                .filter(name -> name.endsWith("checkpoint.safetensors"))
                .map(out::resolve)
                .findFirst()
                .orElseThrow()
                .getParent();
        // It died behind the checkpoint: more lines than steps in it, the last one cut.
        Files.writeString(part.resolve("metrics.jsonl"), "{\"step\": 99}\n{\"st", StandardOpenOption.APPEND);
        ComparisonResult goneOn = ComparisonRunner.resume(out, options(output, after(1_000_000)), RunListener.NONE);
        assertSameResults(out);
        assertSameRows(goneOn);

        // And one that died without a checkpoint.
        TrialResult last = whole.trials().get(whole.trials().size() - 1);
        Path done = trialFolder(out, last.key());
        Path half = done.resolveSibling(last.key().folderName() + ".part");
        Files.move(done, half);
        Files.delete(half.resolve("result.json"));
        Begun begun = new Begun();
        assertSameRows(ComparisonRunner.resume(out, options(output, () -> false), begun));
        assertEquals(List.of(last.key()), begun.begun);
        assertSameResults(out);
    }

    @Test
    void refusesWhatIsNotThatRun() throws IOException {
        UserException none = assertThrows(
                UserException.class,
                () -> ComparisonRunner.resume(folder.resolve("nothing"), options("x", () -> false), RunListener.NONE));
        assertTrue(String.valueOf(none.getMessage()).contains("it is no run directory"), none::getMessage);

        String output = "changed";
        assertThrows(
                RunInterruptedException.class,
                () -> ComparisonRunner.run(recipe(), options(output, after(4)), RunListener.NONE));
        Path out = folder.resolve(output);
        Path provenance = out.resolve("provenance.json");
        String text = Files.readString(provenance);
        Files.writeString(provenance, text.replaceFirst("(\"sha256\" : \")[0-9a-f]{4}", "$10000"));
        UserException changed = assertThrows(
                UserException.class,
                () -> ComparisonRunner.resume(out, options(output, () -> false), RunListener.NONE));
        assertTrue(
                String.valueOf(changed.getMessage()).contains("is not what it was when the run began"),
                changed::getMessage);
        Files.writeString(provenance, text);
        Path result = names(out).stream()
                .filter(name -> name.endsWith("result.json"))
                .map(out::resolve)
                .findFirst()
                .orElseThrow();
        Files.writeString(result, "{\"status\": \"done\"");
        UserException damaged = assertThrows(
                UserException.class,
                () -> ComparisonRunner.resume(out, options(output, () -> false), RunListener.NONE));
        assertTrue(String.valueOf(damaged.getMessage()).contains("is no JSON"), damaged::getMessage);
        Files.writeString(result, "{\"status\": \"done\", \"label\": \"other\", \"seed\": 1}");
        UserException other = assertThrows(
                UserException.class,
                () -> ComparisonRunner.resume(out, options(output, () -> false), RunListener.NONE));
        assertTrue(String.valueOf(other.getMessage()).contains("is the result of other"), other::getMessage);
    }
}
