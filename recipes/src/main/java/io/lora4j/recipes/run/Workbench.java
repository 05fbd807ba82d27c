package io.lora4j.recipes.run;

import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.WeightForm;
import io.lora4j.datasets.EncodedExample;
import io.lora4j.datasets.EncodedText;
import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.datasets.Example;
import io.lora4j.datasets.GlueReader;
import io.lora4j.datasets.HoldOut;
import io.lora4j.datasets.LengthGroupedBatches;
import io.lora4j.datasets.PairEncoder;
import io.lora4j.datasets.StepSize;
import io.lora4j.datasets.TaskData;
import io.lora4j.datasets.TaskReader;
import io.lora4j.datasets.TokenCache;
import io.lora4j.error.UserException;
import io.lora4j.init.AdapterSetup;
import io.lora4j.models.PretrainedModel;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.tokenizer.TextTokenizer;
import io.lora4j.models.tokenizer.TokenIds;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.method.MethodPlan;
import io.lora4j.train.RandomStreams;
import io.lora4j.train.TrainConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all trials of a comparison share, loaded once: base weights, encoded examples, and how to make a graph of them. Immutable.
 *
 * @param recipe what is run
 * @param model the encoder
 * @param data the task's rows, cut to the recipe's limits
 * @param train encoded training examples
 * @param dev encoded dev examples
 * @param otherDevs encoded examples of the task's other evaluation sets, by name
 */
record Workbench(
        Recipe recipe,
        PretrainedModel model,
        TaskData data,
        List<EncodedExample> train,
        List<EncodedExample> dev,
        Map<String, List<EncodedExample>> otherDevs) {

    private static final Logger LOG = LoggerFactory.getLogger(Workbench.class);
    private static final long MEMORY_BYTES = 1L << 30;
    private static final long LEAST_AT_ONCE = 4;

    /** Reads the task of a recipe. */
    static TaskData readData(Recipe recipe) {
        Recipe.DataChoice choice = recipe.data();
        Recipe.TaskChoice task = recipe.task();
        TaskData all;
        if (task instanceof Recipe.TaskChoice.Glue glue) {
            Path dir = choice.dir();
            if (dir == null) {
                throw new UserException("the task " + task.name() + " needs data.dir, the folder that has "
                        + glue.task().spec().trainFile() + " and "
                        + glue.task().spec().devFile()
                        + ": add data.dir=DIR to the command");
            }
            all = GlueReader.read(glue.task(), dir);
        } else if (task instanceof Recipe.TaskChoice.OwnFiles own && choice.dir() != null) {
            all = TaskReader.read(own.spec(), choice.dir());
        } else {
            all = ((Recipe.TaskChoice.Bundled) task).task().read();
        }
        TaskData some = limited(all, choice.maxTrainSamples(), null);
        return limited(
                choice.holdout() > 0 ? HoldOut.split(some, choice.holdout()) : some, null, choice.maxEvalSamples());
    }

    private static TaskData limited(TaskData data, @Nullable Integer train, @Nullable Integer dev) {
        return new TaskData(
                data.task(),
                data.labels(),
                data.pair(),
                first(data.train(), train),
                first(data.dev(), dev),
                data.sha256ByFile(),
                each(data.otherDevs(), examples -> first(examples, dev)));
    }

    private static <T, R> Map<String, R> each(Map<String, T> map, Function<T, R> function) {
        Map<String, R> results = new LinkedHashMap<>();
        map.forEach((name, value) -> results.put(name, function.apply(value)));
        return results;
    }

    private static List<Example> first(List<Example> examples, @Nullable Integer limit) {
        return limit == null ? examples : examples.subList(0, Math.min(limit, examples.size()));
    }

    /** Encodes the data and checks what can be checked without training. */
    static Workbench of(Recipe recipe, PretrainedModel model, TaskData data, TokenCache cache) {
        int maxLength = recipe.model().maxLength();
        model.require(recipe.model().pooling());
        int positions = model.config().maxPositions();
        if (maxLength > positions) {
            throw new UserException("model.max_length is " + maxLength + ", but " + model.name() + " has " + positions
                    + " positions: set model.max_length=" + positions + " or less");
        }
        TextTokenizer tokenizer = model.tokenizer();
        PairEncoder encoder = encoder(tokenizer);
        Workbench bench = new Workbench(
                recipe,
                model,
                data,
                cache.encode(data.train(), tokenizer.sha256(), maxLength, encoder),
                cache.encode(data.dev(), tokenizer.sha256(), maxLength, encoder),
                each(data.otherDevs(), examples -> cache.encode(examples, tokenizer.sha256(), maxLength, encoder)));
        bench.refuseWhatDoesNotFit();
        return bench;
    }

    /** Too few examples for a correlation, targets that match nothing, and ranks that are too large for a layer or a method. */
    private void refuseWhatDoesNotFit() {
        if (data.scores() && dev.size() < 2) {
            throw new UserException("the " + recipe.data().evaluatedOn() + " set has " + dev.size()
                    + " example, and a correlation needs two: set data.max_eval_samples or data.holdout higher");
        }
        targets();
        for (Recipe.MethodChoice method : recipe.methods()) {
            if (method.settings().plan() instanceof MethodPlan.Adapters adapters) {
                AdapterSetup.requireRank(adapted(adapters, 0), adapters.initializer());
            }
        }
    }

    static PairEncoder encoder(TextTokenizer tokenizer) {
        return new PairEncoder() {
            @Override
            public EncodedText encode(String textA, @Nullable String textB, int maxLength) {
                return text(tokenizer.encode(textA, textB, maxLength));
            }

            @Override
            public List<EncodedText> encodeAll(List<Example> examples, int maxLength) {
                List<String> a = examples.stream().map(Example::textA).toList();
                List<String> b = new ArrayList<>();
                for (Example example : examples) {
                    if (example.textB() != null) {
                        b.add(example.textB());
                    }
                }
                return tokenizer.encodeAll(a, b.isEmpty() ? null : b, maxLength).stream()
                        .map(ids -> text(ids))
                        .toList();
            }

            private EncodedText text(TokenIds tokens) {
                return new EncodedText(tokens.ids(), tokens.typeIds());
            }
        };
    }

    /** The number of classes; 1 for a task of scores. */
    int outputs() {
        return data.outputs();
    }

    /** The encoder's shape with the recipe's dropout. */
    EncoderConfig trainingConfig() {
        Double dropout = recipe.train().dropout();
        return dropout == null ? model.config() : model.config().withDropout(dropout, dropout, dropout);
    }

    /** The classifier without adapters. */
    ComputationGraphConfiguration plain(EncoderConfig config, long headSeed) {
        return EncoderGraph.classifier(config, recipe.model().pooling(), outputs(), dtype(), headSeed);
    }

    /** The classifier without adapters, every row of every layer computed: for looking at the inputs of layers. */
    ComputationGraphConfiguration plainOfAllRows(EncoderConfig config, long headSeed) {
        return EncoderGraph.classifierOfAllRows(config, recipe.model().pooling(), outputs(), dtype(), headSeed);
    }

    /** The classifier with a method's adapters. */
    ComputationGraphConfiguration adapted(MethodPlan.Adapters plan, long headSeed) {
        LoraConfig config =
                recipe.adapter().toLoraConfig(model.config().family().allLinear(), plan.scaling(), plan.weightForm());
        return AdapterInjector.inject(plain(trainingConfig(), headSeed), config);
    }

    /** Names of the linear maps that the recipe's targets match, in the graph's order. */
    Set<String> targets() {
        LoraConfig config =
                recipe.adapter().toLoraConfig(model.config().family().allLinear(), null, WeightForm.PLAIN);
        return new LinkedHashSet<>(AdapterInjector.targets(plain(trainingConfig(), 0), config));
    }

    /** The classifier with every parameter trainable. */
    ComputationGraphConfiguration trainable(EncoderConfig config, long headSeed) {
        return EncoderGraph.trainableClassifier(config, recipe.model().pooling(), outputs(), dtype(), headSeed);
    }

    /** The data type of the encoder's weights and of everything that is computed with them. */
    DataType dtype() {
        FrozenWeights weights = model.weights();
        return weights.get(weights.names().iterator().next()).dataType();
    }

    LengthGroupedBatches batches(RandomStreams streams) {
        Recipe.TrainChoice choice = recipe.train();
        return new LengthGroupedBatches(train, stepSize(true), choice.lengthGroup(), outputs(), dtype(), streams);
    }

    /** What an optimiser step holds; laid out at once is all of it, or what memory allows. */
    private StepSize stepSize(boolean laidOut) {
        Recipe.TrainChoice choice = recipe.train();
        if (choice.tokens() == 0) {
            return new StepSize(StepSize.Unit.EXAMPLES, choice.batch(), laidOut ? microBatch() : choice.batch());
        }
        int longest = train.stream().mapToInt(EncodedExample::length).max().orElse(1);
        // A step may exceed its tokens by an example.
        int wanted = choice.tokens() / longest + 2;
        int atOnce = laidOut ? atOnce(wanted, 0) : wanted;
        long tokens = Math.min(Integer.MAX_VALUE, (long) atOnce * longest);
        return new StepSize(StepSize.Unit.TOKENS, choice.tokens(), (int) tokens);
    }

    /**
     * The recipe's micro-batch, or fewer (but {@value #LEAST_AT_ONCE}) where the frozen weights, and what as many of the longest examples keep
     * for the backward pass, would pass {@value #MEMORY_BYTES} bytes: BERT-base on sentence pairs then trains in less than 3 GiB.
     * Accumulation makes the gradient the same but for rounding.
     */
    int microBatch() {
        return atOnce(recipe.train().microBatch(), 0);
    }

    /** As {@link #microBatch}, for any number that the recipe names as the most, beside so many bytes of gradients. */
    int atOnce(int wanted, long gradients) {
        long tokens = train.stream().mapToLong(EncodedExample::length).max().orElse(1);
        FrozenWeights weights = model.weights();
        long held = weights.names().stream()
                .mapToLong(name -> weights.get(name).length() * Float.BYTES)
                .sum();
        int fits = atOnce(wanted, tokens, held + gradients, model.config());
        if (fits < wanted) {
            LOG.info(
                    "{} examples at once instead of {}, to save memory: the longest has {} tokens",
                    fits,
                    wanted,
                    tokens);
        }
        return fits;
    }

    /** How many examples of so many tokens fit beside weights of so many bytes, at most as many as wanted. */
    static int atOnce(int wanted, long tokens, long held, EncoderConfig config) {
        // query, key, value, context, two norms and what both keep; both sides of the activation; for long examples a
        // reserve of the size of the attention's probabilities, which are made anew and not kept
        long perToken = 8L * config.hiddenSize() + 2L * config.intermediateSize() + config.heads() * tokens;
        long perExample = tokens * perToken * config.layers() * Float.BYTES;
        return (int) Math.min(wanted, Math.max(LEAST_AT_ONCE, (MEMORY_BYTES - held) / perExample));
    }

    EvaluationBatches devBatches() {
        return evaluationBatches(dev);
    }

    /** Examples sorted by length, as many at once as the recipe says. */
    EvaluationBatches evaluationBatches(List<EncodedExample> examples) {
        Integer most = recipe.eval().batch();
        return new EvaluationBatches(
                examples, most == null ? Integer.MAX_VALUE : most, recipe.eval().tokens(), outputs(), dtype());
    }

    /** Tokens of some examples, special ones included. */
    static long tokens(List<EncodedExample> examples) {
        return examples.stream().mapToLong(EncodedExample::length).sum();
    }

    int stepsPerEpoch() {
        return stepSize(false).stepsPerEpoch(train);
    }

    long totalSteps() {
        return recipe.train().totalSteps(stepsPerEpoch());
    }

    /** All trials in their order, and their size. */
    RunPlan plan() {
        List<TrialKey> keys = new ArrayList<>();
        for (long seed : recipe.train().seeds()) {
            for (Recipe.MethodChoice method : recipe.methods()) {
                method.learningRates().forEach(rate -> keys.add(new TrialKey(method.label(), rate, seed)));
            }
        }
        return new RunPlan(keys, totalSteps(), train.size(), dev.size(), tokens(train), tokens(dev));
    }

    /** As many epochs as the steps need. */
    TrainConfig trainConfig() {
        long total = totalSteps();
        long epochs = (total - 1) / stepsPerEpoch() + 1;
        return new TrainConfig(Math.toIntExact(epochs), total, recipe.train().maxGradNorm());
    }
}
