package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.datasets.TaskData;
import io.lora4j.datasets.TokenCache;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.optim.UniformGroups;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.method.Composition;
import io.lora4j.recipes.method.MethodPlan;
import io.lora4j.recipes.method.PissaSettings;
import io.lora4j.train.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** The head-only baseline is the head of all other methods: same start, same examples, and features that are the encoder's. */
class HeadTest {
    @TempDir
    private Path folder;

    private Workbench bench(String... more) throws IOException {
        List<String> overrides = new ArrayList<>(List.of("adapter.rank=2"));
        overrides.addAll(List.of(more));
        Path file = Files.writeString(folder.resolve("r.yaml"), """
                model: {name: %s, max_length: 16}
                task: paraphrase
                data: {max_train_samples: 21, max_eval_samples: 5}
                methods: lora
                train: {learning_rate: 1e-3, batch: 4}
                eval: {batch: 3}
                """.formatted(
                        Path.of("src/test/resources/tiny-bert").toAbsolutePath()));
        Recipe recipe = RecipeReader.read(file, overrides);
        PretrainedModel model = new ModelStore(folder).load(recipe.model().name(), ComparisonRunner.DTYPE);
        TaskData data = Workbench.readData(recipe);
        assertEquals(21, data.train().size());
        assertEquals(5, data.dev().size());
        return Workbench.of(recipe, model, data, new TokenCache(folder));
    }

    @Test
    void startsWithTheWeightsOfTheWholeClassifier() throws IOException {
        Workbench bench = bench();
        SeedContext seed = new SeedContext(new Shared(bench, RunListener.NONE), 3);
        ComputationGraph whole = new ComputationGraph(bench.plain(bench.trainingConfig(), seed.headSeed()));
        whole.init();
        ComputationGraph adapted = new ComputationGraph(
                bench.adapted((MethodPlan.Adapters) new PissaSettings(Composition.PLAIN).plan(), seed.headSeed()));
        adapted.init();
        ComputationGraph alone = Head.alone(
                bench, seed.headSeed(), Optimizers.of(bench.recipe().train(), 1, 10, new UniformGroups(false)));
        assertEquals(
                Head.of(whole).parameters().get("classifier_W"),
                Head.of(alone).parameters().get("classifier_W"));
        assertEquals(
                Head.of(whole).parameters().get("classifier_W"),
                Head.of(adapted).parameters().get("classifier_W"));
        assertEquals(
                0, Head.of(alone).parameters().get("classifier_b").norm1Number().doubleValue());
        assertNotEquals(
                0, Head.of(alone).parameters().get("classifier_W").norm1Number().doubleValue());
    }

    /** The classifier alone on a batch of features gives what the whole classifier gives on the batch of tokens. */
    @Test
    void seesTheEncodersOutputsInTheSameOrder() throws IOException {
        Workbench bench = bench();
        SeedContext seed = new SeedContext(new Shared(bench, RunListener.NONE), 3);
        AdaptedModel whole = AdaptedModel.of(
                bench.plain(bench.trainingConfig(), seed.headSeed()),
                bench.model().weights());
        ComputationGraph alone = Head.alone(
                bench, seed.headSeed(), Optimizers.of(bench.recipe().train(), 1, 10, new UniformGroups(false)));
        var tokens = bench.batches(seed.streams());
        var features = PooledFeatures.of(bench, RunListener.NONE).batches(tokens);
        assertEquals(tokens.stepsPerEpoch(), features.stepsPerEpoch());
        var tokenSteps = tokens.epoch(1).iterator();
        int steps = 0;
        for (List<MultiDataSet> featureStep : features.epoch(1)) {
            MultiDataSet tokenBatch = tokenSteps.next().get(0);
            INDArray expected = whole.graph().outputSingle(false, tokenBatch.getFeatures());
            INDArray actual = alone.outputSingle(false, featureStep.get(0).getFeatures());
            assertEquals(0, expected.sub(actual).norm2Number().doubleValue(), 1e-6);
            assertEquals(tokenBatch.getLabels(0), featureStep.get(0).getLabels(0));
            steps++;
        }
        assertEquals(6, steps);
    }

    @Test
    void fewStepsNeedFewFeatures() throws IOException {
        INDArray all = PooledFeatures.of(bench(), RunListener.NONE).train();
        Workbench bench = bench("train.steps=2", "train.seeds=[3]");
        INDArray some = PooledFeatures.of(bench, RunListener.NONE).train();
        List<Integer> visited = new ArrayList<>();
        bench.batches(new RandomStreams(3)).order(0).stream().limit(2).forEach(visited::addAll);
        assertEquals(8, visited.size());
        for (int row = 0; row < 21; row++) {
            double difference =
                    all.getRow(row).sub(some.getRow(row)).norm2Number().doubleValue();
            if (visited.contains(row)) {
                assertEquals(0, difference, 1e-6);
            } else {
                assertTrue(Double.isNaN(difference), "row " + row + " was computed for nobody");
            }
        }
    }
}
