package io.lora4j.recipes.run;

import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.DivergedException;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.TrainableWeights;
import io.lora4j.optim.OneStepUpdate;
import io.lora4j.recipes.method.OneStepSettings.Scope;
import io.lora4j.recipes.run.TrialResult.ChosenStep;
import io.lora4j.train.PeakMemory;
import io.lora4j.train.RandomStreams;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One step of gradient descent in place of training: every step size of the published grid is tried on the gradient's examples, in
 * training mode with the gradient's own dropout masks, and the one with the smallest loss is taken. Deterministic.
 */
final class OneStepTrial {
    private final SeedContext seed;
    private final ComputationGraph graph;
    private final DoubleConsumer step;
    private final long changed;
    private final double initSeconds;
    private final PeakMemory memory = new PeakMemory();

    /**
     * @param step puts the graph where a step of a size from the start leads, wherever it is before
     * @param changed number of scalars that the step changes or is described by
     */
    private OneStepTrial(
            SeedContext seed, ComputationGraph graph, DoubleConsumer step, long changed, double initSeconds) {
        this.seed = seed;
        this.graph = graph;
        this.step = step;
        this.changed = changed;
        this.initSeconds = initSeconds;
    }

    /** Computes the direction. */
    static OneStepTrial of(Workbench bench, SeedContext seed, Scope scope) {
        return scope == Scope.ALL ? ofAll(bench, seed) : ofTargets(bench, seed, scope);
    }

    private static OneStepTrial ofAll(Workbench bench, SeedContext seed) {
        long begin = System.nanoTime();
        ComputationGraph graph = new ComputationGraph(bench.trainable(seed.gradientConfig(), seed.headSeed()));
        graph.init();
        TrainableWeights.copyInto(graph, bench.model().weights());
        seed.startHead(graph);
        seed.announce("computing the gradient of every parameter on ");
        OneStepUpdate update = OneStepUpdate.full(gradient(graph, seed));
        INDArray start = graph.params().dup();
        DoubleConsumer step = eta -> graph.setParams(start.add(update.shift(eta).castTo(start.dataType())));
        return new OneStepTrial(seed, graph, step, start.length(), (System.nanoTime() - begin) * 1e-9);
    }

    /** The gradient of the mean loss over the gradient's examples by all parameters, as one vector. */
    private static INDArray gradient(ComputationGraph graph, SeedContext seed) {
        INDArray sum = Nd4j.zeros(seed.accumulation(), graph.params().shape());
        long examples = 0;
        int chunk = 0;
        for (MultiDataSet data : seed.sample()) {
            Nd4j.getRandom().setSeed(seed.streams().seedOf(RandomStreams.GRADIENT, chunk++));
            graph.setInputs(data.getFeatures());
            graph.setLabels(data.getLabels());
            graph.computeGradientAndScore();
            INDArray flat = graph.gradient().gradient();
            sum.addi(flat.reshape(sum.shape()).castTo(sum.dataType()));
            examples += data.getLabels(0).size(0);
        }
        return sum.divi(examples);
    }

    private static OneStepTrial ofTargets(Workbench bench, SeedContext seed, Scope scope) {
        WeightGradients gradients = seed.gradients();
        long begin = System.nanoTime();
        FrozenWeights base = bench.model().weights();
        int rank = bench.recipe().adapter().rank();
        Map<String, OneStepUpdate> updates = new LinkedHashMap<>();
        long changed = 0;
        for (String layer : gradients.layers()) {
            INDArray gradient = gradients.mean(layer);
            boolean whole = scope == Scope.TARGETS;
            updates.put(
                    layer + "." + FrozenLinear.WEIGHT,
                    whole ? OneStepUpdate.full(gradient) : OneStepUpdate.ofRank(gradient, rank));
            changed += whole ? gradient.length() : rank * (gradient.size(0) + gradient.size(1));
        }
        ComputationGraph graph = seed.plainModel(seed.gradientConfig()).graph();
        DoubleConsumer step = eta -> {
            Map<String, INDArray> moved = new LinkedHashMap<>();
            updates.forEach((name, update) -> {
                INDArray weight = base.get(name);
                moved.put(name, weight.add(update.shift(eta).castTo(weight.dataType())));
            });
            base.with(moved).bindTo(graph);
        };
        double seconds = seed.gradientSeconds() + (System.nanoTime() - begin) * 1e-9;
        return new OneStepTrial(seed, graph, step, changed, seconds);
    }

    /** The classifier: before {@link #run} as pre-trained, after it one step further. */
    ComputationGraph graph() {
        return graph;
    }

    /** Puts the classifier where a step of a size leads from the start, wherever it is before; 0 is the start. */
    void moveTo(double eta) {
        step.accept(eta);
    }

    /** Chooses the step, takes it and evaluates. */
    TrialResult run(TrialKey key, TrialRecorder recorder) {
        long begin = System.nanoTime();
        double before = loss();
        OneStepUpdate.Choice best;
        try {
            best = OneStepUpdate.search(OneStepUpdate.PUBLISHED_GRID, eta -> {
                step.accept(eta);
                return loss();
            });
        } catch (ArithmeticException allNaN) {
            throw new DivergedException(
                    EncoderGraph.outputLayer(graph.getConfiguration()),
                    1,
                    "the loss is NaN at every step size of the grid");
        }
        step.accept(best.eta());
        double seconds = (System.nanoTime() - begin) * 1e-9;
        ClassificationMetrics dev = recorder.evaluate(1);
        return new TrialResult(
                key,
                changed,
                dev,
                1,
                before,
                initSeconds,
                seconds,
                recorder.evalSeconds(),
                Math.max(memory.peakBytes(), recorder.peakBytes()) - seed.heldBytes(),
                new ChosenStep(best.eta(), best.loss()),
                TrialSetup.NOTHING);
    }

    /** Mean loss over the gradient's examples in training mode; the same masks every time. */
    double loss() {
        double sum = 0;
        long examples = 0;
        int chunk = 0;
        for (MultiDataSet data : seed.sample()) {
            Nd4j.getRandom().setSeed(seed.streams().seedOf(RandomStreams.GRADIENT, chunk++));
            long n = data.getLabels(0).size(0);
            sum += graph.score(data, true) * n;
            examples += n;
            memory.sample();
        }
        return sum / examples;
    }
}
