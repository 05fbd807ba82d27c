package io.lora4j.train;

import io.lora4j.error.DivergedException;
import io.lora4j.parallel.GraphTwins;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * The training loop over a {@link ComputationGraph} whose layers carry their updaters.
 *
 * <p>A step sums the gradients of its micro-batches, divides by the number of its examples, clips the global norm (g := g min(1,
 * max / (|g| + 1e-6)), torch.nn.utils.clip_grad_norm_), and lets DL4J's updater turn it into the update; schedules see the number of
 * optimiser steps, never of micro-batches. ND4J's random generator is seeded before every micro-batch from the run's dropout
 * stream, so a step's masks depend on the seed and the step only.
 *
 * <p>Deterministic: same graph, source, streams and machine give the same parameters to the last bit.
 */
public final class Trainer {
    private final GraphTwins twins;
    private final ComputationGraph graph;
    private final UpdateRule rule;
    private final TrainConfig config;
    private final RandomStreams streams;
    private final TrainListener listener;
    private long microBatches;

    private Trainer(
            GraphTwins twins, UpdateRule rule, TrainConfig config, RandomStreams streams, TrainListener listener) {
        this.twins = twins;
        this.graph = twins.graph();
        this.rule = rule;
        this.config = config;
        this.streams = streams;
        this.listener = listener;
    }

    /**
     * Trains with the layers' own updaters ({@link UpdateRule#DL4J}).
     *
     * @param graph an initialised graph with bound frozen weights; its parameters are changed
     * @param data the steps
     * @param config length and clipping
     * @param streams the run's random streams; {@link RandomStreams#DROPOUT} is used
     * @param listener hears every step
     * @return steps, last loss and time
     * @throws DivergedException at the first loss, gradient or parameter that is NaN or infinite; names layer and step
     */
    public static TrainResult fit(
            ComputationGraph graph,
            BatchSource data,
            TrainConfig config,
            RandomStreams streams,
            TrainListener listener) {
        return fit(graph, UpdateRule.DL4J, data, config, streams, listener);
    }

    /**
     * Trains with an update rule of the method's own.
     *
     * @param graph an initialised graph with bound frozen weights; its parameters are changed
     * @param rule how a step's gradient becomes a change of the parameters
     * @param data the steps
     * @param config length and clipping
     * @param streams the run's random streams; {@link RandomStreams#DROPOUT} is used
     * @param listener hears every step
     * @return steps, last loss and time
     * @throws DivergedException at the first loss, gradient or parameter that is NaN or infinite; names layer and step
     */
    public static TrainResult fit(
            ComputationGraph graph,
            UpdateRule rule,
            BatchSource data,
            TrainConfig config,
            RandomStreams streams,
            TrainListener listener) {
        return fit(GraphTwins.alone(graph), rule, data, config, streams, listener);
    }

    /**
     * Trains with an update rule of the method's own, each micro-batch cut between twins.
     *
     * @param twins an initialised graph with bound frozen weights, whose parameters are changed, and its twins; not closed
     * @param rule how a step's gradient becomes a change of the parameters
     * @param data the steps
     * @param config length and clipping
     * @param streams the run's random streams; {@link RandomStreams#DROPOUT} is used, and a stream more for every twin
     * @param listener hears every step
     * @return steps, last loss and time
     * @throws DivergedException at the first loss, gradient or parameter that is NaN or infinite; names layer and step
     */
    public static TrainResult fit(
            GraphTwins twins,
            UpdateRule rule,
            BatchSource data,
            TrainConfig config,
            RandomStreams streams,
            TrainListener listener) {
        return fit(twins, rule, data, config, streams, listener, TrainControl.WHOLE);
    }

    /**
     * Trains from a checkpoint, or until it is told to stop.
     *
     * @param twins an initialised graph with bound frozen weights, whose parameters are changed, and its twins; not closed
     * @param rule how a step's gradient becomes a change of the parameters; new, also with a checkpoint
     * @param data the steps
     * @param config length and clipping
     * @param streams the run's random streams; {@link RandomStreams#DROPOUT} is used, and a stream more for every twin
     * @param listener hears every step that is taken now
     * @param control where to begin and when to stop; with a checkpoint, graph, rule, data, length and streams must be those of the run that it
     *     was taken from
     * @return steps, last loss and time, and a checkpoint if it was stopped
     * @throws DivergedException at the first loss, gradient or parameter that is NaN or infinite; names layer and step
     * @throws IllegalArgumentException if the checkpoint does not fit the network
     */
    public static TrainResult fit(
            GraphTwins twins,
            UpdateRule rule,
            BatchSource data,
            TrainConfig config,
            RandomStreams streams,
            TrainListener listener,
            TrainControl control) {
        return new Trainer(twins, rule, config, streams, listener).run(data, control);
    }

    private TrainResult run(BatchSource data, TrainControl control) {
        long start = System.nanoTime();
        long total = config.totalSteps(data.stepsPerEpoch());
        TrainCheckpoint from = control.from();
        if (from != null) {
            from.restore(graph, rule);
            microBatches = from.microBatches();
        }
        long step = from == null ? 0 : from.steps();
        double loss = Double.NaN;
        // A checkpoint behind an epoch's last step was taken when that epoch's end had been told.
        for (int epoch = (int) (step / data.stepsPerEpoch()); epoch < config.epochs() && step < total; epoch++) {
            long skipped = step - (long) epoch * data.stepsPerEpoch();
            for (List<? extends MultiDataSet> pieces : data.epoch(epoch)) {
                if (skipped > 0) {
                    skipped--;
                    continue;
                }
                if (step == total) {
                    break;
                }
                if (control.stop().getAsBoolean()) {
                    TrainCheckpoint here = TrainCheckpoint.of(graph, rule, step, microBatches);
                    return new TrainResult(step, loss, (System.nanoTime() - start) * 1e-9, here);
                }
                StepInfo info = step(pieces, step, total, epoch);
                loss = info.loss();
                step++;
                listener.onStep(info);
            }
            listener.onEpochEnd(epoch, step);
        }
        return new TrainResult(step, loss, (System.nanoTime() - start) * 1e-9, null);
    }

    private StepInfo step(List<? extends MultiDataSet> batches, long step, long total, int epoch) {
        double lossSum = 0;
        int examples = 0;
        INDArray sum = null;
        for (int i = 0; i < batches.size(); i++) {
            MultiDataSet batch = batches.get(i);
            int n = (int) batch.getLabels(0).size(0);
            lossSum += backward(batch, step) * n;
            examples += n;
            INDArray flat = graph.gradient().gradient();
            if (batches.size() > 1) {
                // The graph's gradient is overwritten by the next micro-batch.
                sum = sum == null ? flat.dup() : sum.addi(flat);
            }
        }
        INDArray gradient = graph.gradient().gradient();
        if (sum != null) {
            gradient.assign(sum);
        }
        gradient.divi(examples);
        double norm = gradient.norm2Number().doubleValue();
        if (!Double.isFinite(norm)) {
            throw diverged(firstNonFiniteGradient(), step, "the gradient's norm is " + norm);
        }
        if (config.maxGradNorm() > 0 && norm > config.maxGradNorm()) {
            gradient.muli(config.maxGradNorm() / (norm + 1e-6));
        }
        double rate = learningRate(step, epoch);
        rule.apply(graph, step, epoch);
        return new StepInfo(step + 1, total, epoch, lossSum / examples, rate, norm, examples);
    }

    /** Mean loss of one micro-batch; its summed gradient is left in the graph. */
    private double backward(MultiDataSet batch, long step) {
        long member = microBatches++;
        double loss = twins.computeGradient(
                batch,
                part -> streams.seedOf(part == 0 ? RandomStreams.DROPOUT : RandomStreams.DROPOUT + part, member));
        if (!Double.isFinite(loss)) {
            throw diverged(firstNonFiniteActivation(batch), step, "the loss is " + loss);
        }
        return loss;
    }

    private static DivergedException diverged(@Nullable String layer, long step, String what) {
        return new DivergedException(layer == null ? "(none found)" : layer, step + 1, what);
    }

    private @Nullable String firstNonFiniteActivation(MultiDataSet batch) {
        Map<String, INDArray> activations = graph.feedForward(batch.getFeatures(), false);
        GraphVertex[] vertices = graph.getVertices();
        for (int index : graph.topologicalSortOrder()) {
            String name = vertices[index].getVertexName();
            if (isNonFinite(activations.get(name)) || hasNonFiniteParameter(vertices[index])) {
                return name;
            }
        }
        // Every activation is finite: the loss itself overflowed.
        return graph.getConfiguration().getNetworkOutputs().get(0);
    }

    private @Nullable String firstNonFiniteGradient() {
        for (Map.Entry<String, INDArray> e :
                graph.gradient().gradientForVariable().entrySet()) {
            if (isNonFinite(e.getValue())) {
                return e.getKey().substring(0, e.getKey().lastIndexOf('_'));
            }
        }
        return null;
    }

    private static boolean hasNonFiniteParameter(GraphVertex vertex) {
        return vertex.numParams() > 0
                && vertex.paramTable(false).values().stream().anyMatch(Trainer::isNonFinite);
    }

    private static boolean isNonFinite(@Nullable INDArray array) {
        return array != null
                && array.dataType().isFPType()
                && !Double.isFinite(array.norm1Number().doubleValue());
    }

    /** The rate of the first parameter that moves: a method may freeze some of them by a rate of 0. */
    private double learningRate(long step, int epoch) {
        double rate = Double.NaN;
        for (Trainable layer : graph.getLayers()) {
            for (String key : layer.paramTable(true).keySet()) {
                IUpdater updater = layer.getConfig().getUpdaterByParam(key);
                if (updater != null && updater.hasLearningRate()) {
                    rate = updater.getLearningRate((int) step, epoch);
                    if (rate > 0) {
                        return rate;
                    }
                }
            }
        }
        return rate;
    }
}
