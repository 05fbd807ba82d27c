package io.lora4j.recipes.run;

import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.DivergedException;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.TrainableWeights;
import io.lora4j.optim.OneStepUpdate;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.method.OneStepSettings.Scope;
import io.lora4j.recipes.run.TrialResult.ChosenStep;
import io.lora4j.train.PeakMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One step of gradient descent in place of training: every step size of the published grid is tried on the gradient's examples, in
 * training mode with the gradient's own dropout masks, and the one with the smallest loss is taken. Deterministic for a number of threads.
 */
final class OneStepTrial implements AutoCloseable {
    private final SeedContext seed;
    private final GraphTwins twins;
    private final DoubleConsumer step;
    private final long changed;
    private final double initSeconds;
    private final PeakMemory memory = new PeakMemory();

    /**
     * @param twins the graph, with twins or alone; closed by {@link #close}
     * @param step puts graph and twins where a step of a size from the start leads, wherever it is before
     * @param changed number of scalars that the step changes or is described by
     */
    private OneStepTrial(SeedContext seed, GraphTwins twins, DoubleConsumer step, long changed, double initSeconds) {
        this.seed = seed;
        this.twins = twins;
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
        // A twin would need a gradient of the size of all parameters.
        GraphTwins alone = GraphTwins.alone(graph);
        OneStepUpdate update = OneStepUpdate.full(gradient(alone, seed));
        INDArray start = graph.params().dup();
        DoubleConsumer step = eta -> graph.setParams(start.add(update.shift(eta).castTo(start.dataType())));
        return new OneStepTrial(seed, alone, step, start.length(), (System.nanoTime() - begin) * 1e-9);
    }

    /** The gradient of the mean loss over the gradient's examples by all parameters, as one vector. */
    private static INDArray gradient(GraphTwins twins, SeedContext seed) {
        INDArray sum = Nd4j.zeros(seed.accumulation(), twins.graph().params().shape());
        long examples = 0;
        int chunk = 0;
        for (MultiDataSet data : seed.sample()) {
            twins.computeGradient(data, GradientEstimator.masks(seed.streams(), chunk++));
            INDArray flat = twins.graph().gradient().gradient();
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
        GraphTwins twins = seed.plainModel(seed.gradientConfig()).twins(ExampleCost.TOKENS, GraphTwins.usefulThreads());
        DoubleConsumer step = eta -> {
            Map<String, INDArray> moved = new LinkedHashMap<>();
            updates.forEach((name, update) -> {
                INDArray weight = base.get(name);
                moved.put(name, weight.add(update.shift(eta).castTo(weight.dataType())));
            });
            FrozenWeights all = base.with(moved);
            twins.graphs().forEach(all::bindTo);
        };
        double seconds = seed.gradientSeconds() + (System.nanoTime() - begin) * 1e-9;
        return new OneStepTrial(seed, twins, step, changed, seconds);
    }

    /** The classifier: before {@link #run} as pre-trained, after it one step further. */
    ComputationGraph graph() {
        return twins.graph();
    }

    /** The classifier with its twins, which see every step too. */
    GraphTwins twins() {
        return twins;
    }

    @Override
    public void close() {
        twins.close();
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
                    EncoderGraph.outputLayer(graph().getConfiguration()),
                    1,
                    "the loss is NaN at every step size of the grid");
        }
        step.accept(best.eta());
        double seconds = (System.nanoTime() - begin) * 1e-9;
        TaskMetrics dev = recorder.evaluate(1);
        Map<String, TaskMetrics> otherDevs = recorder.evaluateOthers(1);
        return new TrialResult(
                key,
                changed,
                dev,
                otherDevs,
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
            long n = data.getLabels(0).size(0);
            sum += twins.loss(data, GradientEstimator.masks(seed.streams(), chunk++)) * n;
            examples += n;
            memory.sample();
        }
        return sum / examples;
    }
}
