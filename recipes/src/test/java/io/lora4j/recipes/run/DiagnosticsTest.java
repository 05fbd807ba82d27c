package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.diagnostics.DiagnosticsFile;
import io.lora4j.recipes.diagnostics.LayerAngles;
import io.lora4j.recipes.diagnostics.LayerSpectrum;
import io.lora4j.recipes.diagnostics.StepAngles;
import io.lora4j.recipes.diagnostics.TrialDiagnostics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What trials write down of gradients and adapters, on a random BERT of two layers. */
class DiagnosticsTest {
    private static final String ON = "diagnostics={angles_every: 2, singular_values: 5}";

    @TempDir
    private static Path folder;

    private static Path recipeFile;
    private static ComparisonResult with;

    @BeforeAll
    static void runWithThem() throws IOException {
        ContractBench.write(folder);
        Path model = Path.of("src/test/resources/tiny-bert").toAbsolutePath();
        recipeFile = Files.writeString(folder.resolve("diagnosed.yaml"), ContractBench.RECIPE.formatted(model) + """
                methods:
                  - {name: lora}
                  - {name: lora-ga}
                  - {name: lora-one}
                  - {name: dora}
                  - {name: head-only}
                """);
        with = ComparisonRunner.run(recipe(ON), options("with", () -> false), RunListener.NONE);
    }

    private static Recipe recipe(String... overrides) {
        return RecipeReader.read(recipeFile, List.of(overrides), folder);
    }

    private static RunOptions options(String output, BooleanSupplier stop) {
        return new RunOptions(folder.resolve("home"), folder.resolve("runs"), folder.resolve(output), Map.of(), stop);
    }

    private static Path trial(Path run, TrialResult trial) {
        return run.resolve("trials").resolve(trial.key().folderName());
    }

    private static TrialDiagnostics diagnostics(String method) {
        TrialResult trial = with.trials().stream()
                .filter(result -> result.key().method().equals(method))
                .findFirst()
                .orElseThrow();
        return DiagnosticsFile.read(trial(with.folder(), trial));
    }

    @Test
    void changeNoResult() throws IOException {
        ComparisonResult without = ComparisonRunner.run(recipe(), options("without", () -> false), RunListener.NONE);
        assertEquals(with.trials().size(), without.trials().size());
        for (TrialResult trial : with.trials()) {
            for (String name : List.of("metrics.jsonl", "predictions.tsv", "adapter/adapter_model.safetensors")) {
                Path expected = trial(without.folder(), trial).resolve(name);
                Path actual = trial(with.folder(), trial).resolve(name);
                assertEquals(Files.exists(expected), Files.exists(actual));
                if (Files.exists(expected)) {
                    assertArrayEquals(
                            Files.readAllBytes(expected), Files.readAllBytes(actual), trial.key() + ", " + name);
                }
            }
            assertFalse(Files.exists(trial(without.folder(), trial).resolve(DiagnosticsFile.NAME)));
        }
    }

    @Test
    void tellTheAnglesOfEveryLayerAtTheStepsAskedForAndTheLast() {
        for (String method : List.of("lora", "lora-ga", "lora-one", "dora")) {
            List<StepAngles> angles = diagnostics(method).angles();
            assertEquals(
                    List.of(0L, 2L, 3L), angles.stream().map(StepAngles::step).toList(), method);
            for (StepAngles step : angles) {
                assertEquals(12, step.layers().size(), "six linear maps in each of two layers");
                step.layers().forEach((layer, both) -> DoubleStream.concat(
                                DoubleStream.of(both.input()), DoubleStream.of(both.output()))
                        .forEach(angle -> assertTrue(angle >= 0 && angle <= 90, layer + " " + angle)));
            }
        }
        assertEquals(TrialDiagnostics.NOTHING, diagnostics("head-only"));
    }

    /** Before the first step of plain LoRA B is zero: it has no directions yet. */
    @Test
    void aZeroFactorHasNoAngles() {
        List<StepAngles> angles = diagnostics("lora").angles();
        angles.get(0).layers().values().forEach(both -> {
            assertEquals(2, both.input().length);
            assertEquals(0, both.output().length);
        });
        angles.get(2).layers().values().forEach(both -> assertEquals(2, both.output().length));
    }

    /** By their definitions: LoRA-One begins with the leading pairs, LoRA-GA with B's and the r pairs behind them. */
    @Test
    void startsFromTheGradientLieWhereTheirPapersPutThem() {
        for (LayerAngles both : diagnostics("lora-one").angles().get(0).layers().values()) {
            assertArrayEquals(new double[2], both.input(), 0.1);
            assertArrayEquals(new double[2], both.output(), 0.1);
        }
        for (LayerAngles both : diagnostics("lora-ga").angles().get(0).layers().values()) {
            double[] input = both.input();
            double[] output = both.output();
            double[] inside = input[0] < output[0] ? input : output;
            double[] outside = input[0] < output[0] ? output : input;
            assertArrayEquals(new double[2], inside, 0.1);
            assertArrayEquals(new double[] {90, 90}, outside, 0.1);
        }
    }

    @Test
    void tellTheSpectrumOfEveryGradient() {
        List<LayerSpectrum> spectra = diagnostics("lora").spectra();
        assertEquals(12, spectra.size());
        for (LayerSpectrum spectrum : spectra) {
            assertEquals(16, spectrum.examples());
            double[] values = spectrum.singularValues();
            assertEquals(5, values.length);
            for (int i = 1; i < values.length; i++) {
                assertTrue(values[i] <= values[i - 1] && values[i] >= 0, spectrum.layer());
            }
            assertTrue(spectrum.stableRank() >= 1 && spectrum.stableRank() <= spectrum.effectiveRank() + 1e-9);
        }
        // All methods of a seed look at one gradient.
        assertArrayEquals(
                spectra.get(3).singularValues(),
                diagnostics("lora-one").spectra().get(3).singularValues());
    }

    @Test
    void goOnWithTheTrial() throws IOException {
        String output = "interrupted";
        // Before each trial and each of its three steps: in the second trial, behind two of them.
        int[] asked = {0};
        assertThrows(
                RunInterruptedException.class,
                () -> ComparisonRunner.run(recipe(ON), options(output, () -> asked[0]++ >= 7), RunListener.NONE));
        Path out = folder.resolve(output);
        Path half = out.resolve("trials").resolve(with.trials().get(1).key().folderName() + ".part");
        // Its process died behind the checkpoint.
        Files.writeString(
                half.resolve(DiagnosticsFile.NAME),
                "{\"step\":3,\"angles\":{}}\n{\"step\":4,\"an",
                StandardOpenOption.APPEND);
        ComparisonResult result = ComparisonRunner.resume(out, options(output, () -> false), RunListener.NONE);
        for (TrialResult trial : result.trials()) {
            Path expected = trial(with.folder(), trial).resolve(DiagnosticsFile.NAME);
            if (Files.exists(expected)) {
                assertArrayEquals(
                        Files.readAllBytes(expected),
                        Files.readAllBytes(trial(out, trial).resolve(DiagnosticsFile.NAME)),
                        trial.key().toString());
            }
        }
    }

    @Test
    void areReadBackFromTheResolvedRecipe() {
        Recipe recipe = recipe(ON);
        assertEquals(new Recipe.DiagnosticsChoice(2, 5), recipe.diagnostics());
        assertTrue(recipe.toYaml().contains("angles_every: 2"), recipe.toYaml());
        assertEquals(Recipe.DiagnosticsChoice.NONE, recipe().diagnostics());
    }

    @Test
    void aDamagedFileIsNamedWithItsLine() throws IOException {
        Path damaged = Files.createDirectories(folder.resolve("damaged"));
        Files.writeString(damaged.resolve(DiagnosticsFile.NAME), "{\"step\":0,\"angles\":{}}\n{\"step\":1}\n");
        FormatException e = assertThrows(FormatException.class, () -> DiagnosticsFile.read(damaged));
        assertTrue(String.valueOf(e.getMessage()).contains("line 2"), e::getMessage);
    }
}
