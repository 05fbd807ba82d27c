package io.lora4j.recipes.run;

import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.datasets.TaskData;
import io.lora4j.datasets.TokenCache;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.method.MethodPlan;
import io.lora4j.train.BatchSource;
import io.lora4j.train.TrainListener;
import io.lora4j.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Every form of every method on a random BERT of two layers, in float64: what the runner does, step by step. */
final class ContractBench {
    /** Everything but methods. */
    static final String RECIPE = """
            model: {name: %s, pooling: cls, max_length: 12}
            task: {format: tsv, train: train.tsv, dev: dev.tsv, text: sentence, label: label, labels: [neg, pos]}
            adapter: {rank: 2, alpha: 4}
            gradient: {examples: 16, chunk: 5}
            train: {learning_rate: 2e-3, steps: 3, batch: 16, dropout: 0.1, weight_decay: 0.01, seeds: [1]}
            eval: {each: end}
            """;

    private final Workbench bench;
    private final Shared shared;

    private ContractBench(Workbench bench) {
        this.bench = bench;
        this.shared = new Shared(bench, RunListener.NONE);
    }

    /** Writes data and a recipe of all forms into a folder. */
    static Path write(Path folder) throws IOException {
        Files.writeString(folder.resolve("train.tsv"), rows(40));
        Files.writeString(folder.resolve("dev.tsv"), rows(17));
        Path model = Path.of("src/test/resources/tiny-bert").toAbsolutePath();
        return Files.writeString(folder.resolve("every.yaml"), RECIPE.formatted(model) + MethodForms.recipe());
    }

    private static String rows(int count) {
        List<String> words = List.of("good", "bad", "fine", "poor", "great", "dull");
        StringBuilder text = new StringBuilder("sentence\tlabel\n");
        for (int i = 0; i < count; i++) {
            int word = (i * i + i / 3) % 6;
            text.append(i % 3 == 0 ? "the film was " : "my very book was ").append(words.get(word));
            text.append(word % 2 == 0 ? "\tpos\n" : "\tneg\n");
        }
        return text.toString();
    }

    static ContractBench of(Path folder, String... overrides) {
        Recipe recipe = RecipeReader.read(folder.resolve("every.yaml"), List.of(overrides), folder);
        PretrainedModel model = new ModelStore(folder).load(recipe.model().name(), DataType.DOUBLE);
        TaskData data = Workbench.readData(recipe);
        return new ContractBench(Workbench.of(recipe, model, data, new TokenCache(folder.resolve("tokens"))));
    }

    /** The same bench over other weights. */
    ContractBench with(PretrainedModel model) {
        return new ContractBench(
                new Workbench(bench.recipe(), model, bench.data(), bench.train(), bench.dev(), Map.of()));
    }

    Workbench bench() {
        return bench;
    }

    SeedContext seed(long seed) {
        return new SeedContext(shared, seed);
    }

    Recipe.MethodChoice method(MethodForms.Form form) {
        return bench.recipe().methods().stream()
                .filter(method -> method.label().equals(form.label()))
                .findFirst()
                .orElseThrow();
    }

    MethodPlan plan(MethodForms.Form form) {
        return method(form).settings().plan();
    }

    TrialKey key(MethodForms.Form form, long seed) {
        return new TrialKey(form.label(), method(form).learningRates().get(0), seed);
    }

    /** The network of a method that is trained in steps, at its start. */
    TrialStart start(MethodForms.Form form, SeedContext seed, double rate) {
        MethodPlan plan = plan(form);
        if (plan instanceof MethodPlan.Adapters adapters) {
            return TrialStart.adapters(bench, adapters, rate, seed);
        }
        return plan instanceof MethodPlan.Full full
                ? TrialStart.full(bench, full, rate, seed)
                : TrialStart.head(shared, rate, seed);
    }

    TrialStart start(MethodForms.Form form, SeedContext seed) {
        return start(form, seed, method(form).learningRates().get(0));
    }

    /** Takes the recipe's steps. */
    void train(MethodForms.Form form, TrialStart start, SeedContext seed) {
        BatchSource tokens = bench.batches(seed.streams());
        BatchSource batches = onFeatures(form) ? shared.features().batches(bench.batches(seed.streams())) : tokens;
        Trainer.fit(start.graph(), start.rule(), batches, bench.trainConfig(), seed.streams(), TrainListener.NONE);
    }

    private boolean onFeatures(MethodForms.Form form) {
        return plan(form) instanceof MethodPlan.HeadOnly || plan(form) instanceof MethodPlan.ZeroStep;
    }

    /** What a network of this form takes: the dev set's tokens, or their pooled features. */
    MultiDataSet devBatch(MethodForms.Form form) {
        return onFeatures(form)
                ? new MultiDataSet(shared.features().dev(), shared.features().devLabels())
                : tokens();
    }

    MultiDataSet tokens() {
        return bench.devBatches().iterator().next().data();
    }

    /** The probabilities that the pre-trained encoder and the seed's head give the dev set. */
    INDArray pretrainedOutput(MethodForms.Form form, SeedContext seed) {
        EvaluationBatches.Batch batch = bench.devBatches().iterator().next();
        ComputationGraph plain = seed.plainModel(bench.trainingConfig()).graph();
        INDArray output = plain.outputSingle(false, batch.data().getFeatures());
        if (!onFeatures(form)) {
            return output;
        }
        // Features are in the order of the file, batches are sorted by length.
        INDArray inFileOrder = output.dup();
        for (int row = 0; row < batch.indices().size(); row++) {
            inFileOrder.putRow(batch.indices().get(row), output.getRow(row));
        }
        return inFileOrder;
    }

    INDArray output(MethodForms.Form form, ComputationGraph graph) {
        return graph.outputSingle(false, devBatch(form).getFeatures());
    }

    /** Runs a trial as the runner does; its folder is left as it is. */
    TrialResult run(MethodForms.Form form, SeedContext seed, TrialDirectory directory) {
        return new TrialRunner(shared).run(method(form), key(form, 1), seed, directory);
    }
}
