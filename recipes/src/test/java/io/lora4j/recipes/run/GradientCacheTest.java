package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.gradient.WeightGradients;
import io.lora4j.recipes.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GradientCacheTest {
    private static final List<String> LAYERS = List.of("b", "a");

    @TempDir
    private Path folder = Path.of("");

    private static WeightGradients gradients(double first) {
        Map<String, INDArray> sums = new LinkedHashMap<>();
        INDArray b = Nd4j.create(DataType.FLOAT, new long[] {3, 2}, 'f');
        b.assign(Nd4j.linspace(first, 5, 6, DataType.FLOAT).reshape(3, 2));
        sums.put("b", b);
        sums.put("a", Nd4j.create(DataType.DOUBLE, new long[] {2, 2}, 'f').addi(1.0 / 3));
        return new WeightGradients(sums, 7);
    }

    private static GradientCache.Cached found(GradientCache.Cached cached) {
        assertNotNull(cached);
        return cached;
    }

    @Test
    void givesBackWhatWasKept() {
        GradientCache cache = new GradientCache(folder.resolve("gradients"));
        assertNull(cache.read("k", LAYERS));
        cache.write("k", gradients(1), 12.5);
        GradientCache.Cached cached = found(cache.read("k", LAYERS));
        assertEquals(12.5, cached.seconds());
        assertEquals(7, cached.gradients().exampleCount());
        assertEquals(LAYERS, List.copyOf(cached.gradients().layers()));
        for (String layer : LAYERS) {
            INDArray expected = gradients(1).sum(layer);
            INDArray actual = cached.gradients().sum(layer);
            assertEquals(expected, actual);
            assertEquals(expected.dataType(), actual.dataType());
            assertEquals('f', actual.ordering());
            assertArrayEquals(expected.stride(), actual.stride());
        }
        assertNull(cache.read("other", LAYERS));
    }

    @Test
    void aDamagedFileIsDeleted() throws IOException {
        GradientCache cache = new GradientCache(folder);
        Path file = folder.resolve("k.safetensors");
        cache.write("k", gradients(1), 1);
        byte[] whole = Files.readAllBytes(file);
        byte[] flipped = whole.clone();
        flipped[flipped.length - 3] = (byte) (flipped[flipped.length - 3] ^ 1);
        byte[] cut = Arrays.copyOf(whole, whole.length - 4);
        for (byte[] damaged : List.of(flipped, cut, new byte[0])) {
            Files.write(file, damaged);
            assertNull(cache.read("k", LAYERS));
            assertTrue(Files.notExists(file));
        }
        cache.write("k", gradients(1), 1);
        assertNull(cache.read("k", List.of("a", "b", "c")), "a layer is missing");
    }

    @Test
    void whatWasNotUsedForLongestGoes() throws IOException {
        new GradientCache(folder).write("size", gradients(1), 1);
        long bytes = Files.size(folder.resolve("size.safetensors"));
        Files.delete(folder.resolve("size.safetensors"));
        GradientCache cache = new GradientCache(folder, 3 * bytes);
        for (int i = 0; i < 3; i++) {
            cache.write("k" + i, gradients(i), 1);
            Files.setLastModifiedTime(folder.resolve("k" + i + ".safetensors"), FileTime.fromMillis(1000L * (i + 1)));
        }
        found(cache.read("k0", LAYERS));
        cache.write("k3", gradients(3), 1);
        try (Stream<Path> files = Files.list(folder)) {
            Set<String> left =
                    files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
            assertTrue(left.contains("k0.safetensors") && left.contains("k3.safetensors"), left::toString);
            assertTrue(!left.contains("k1.safetensors"), left::toString);
        }
    }

    /** Estimated once for two comparisons; the second one's numbers and its seconds are those of the first. */
    @Test
    void comparisonsShareTheEstimate() throws IOException {
        Path recipe = ContractBench.write(folder);
        List<String> phases = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void onPhase(String what) {
                if (what.startsWith("estimating")) {
                    phases.add(what);
                }
            }
        };
        List<ComparisonResult> results = new ArrayList<>();
        for (String rank : List.of("2", "2", "3")) {
            results.add(ComparisonRunner.run(
                    RecipeReader.read(recipe, List.of("methods=[lora-one]", "adapter.rank=" + rank), folder),
                    new RunOptions(folder.resolve("home"), folder, folder.resolve("out" + results.size()), Map.of()),
                    listener));
        }
        assertEquals(List.of("estimating the gradient on 16 examples"), phases, "of any rank the gradient is the same");
        TrialResult first = results.get(0).trials().get(1);
        TrialResult second = results.get(1).trials().get(1);
        assertEquals(first.dev(), second.dev());
        assertEquals(first.finalLoss(), second.finalLoss());
        assertTrue(second.initSeconds() > 0);

        String key = key(recipe);
        assertNotEquals(key, key(recipe, "gradient.examples=17"));
        assertNotEquals(key, key(recipe, "train.dropout=0"));
        assertNotEquals(key, key(recipe, "adapter.targets=[query]"));
        assertNotEquals(key, key(recipe, "data.holdout=0.2"));
        assertNotEquals(key, key(recipe, "model.max_length=10"));
        assertEquals(key, key(recipe, "train.learning_rate=1", "train.steps=9", "adapter.rank=4", "train.batch=8"));
    }

    private String key(Path recipe, String... overrides) {
        assertTrue(Files.exists(recipe));
        return GradientKey.of(ContractBench.of(folder, overrides).bench(), 1);
    }
}
