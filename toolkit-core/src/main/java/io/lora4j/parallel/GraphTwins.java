package io.lora4j.parallel;

import io.lora4j.kernel.KernelThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A graph and twins of it that compute parts of a batch at the same time, each on a thread of its own with matrix products and kernels
 * of one thread. Twins share the graph's parameters and frozen arrays; each has its own gradient and activations.
 *
 * <p>For graphs whose examples do not see each other, which is every encoder of this project; batch normalisation over the batch would see
 * the parts. Gradients are added in the parts' order, so the same batch, seeds and number of threads give the same result to the last bit;
 * another number of threads gives other dropout masks and rounds sums differently. A batch with masks, or with too few examples to be cut evenly, is computed
 * by the graph itself with all threads.
 *
 * <p>One object at a time in a process: it sets how many threads ND4J and BLAS use, and {@link #close} restores it. Not thread-safe.
 */
public final class GraphTwins implements AutoCloseable {
    /** Parts of a usual batch of 32 become too small for anything beyond it. */
    private static final int MOST_THREADS = 8;

    private final List<ComputationGraph> graphs = new ArrayList<>();
    private final ExampleCost cost;
    private final @Nullable ExecutorService pool;
    private final int threadsBefore;
    private final PartOrder order;
    private double lastLoss = Double.NaN;
    private boolean training;

    private GraphTwins(ComputationGraph graph, Consumer<ComputationGraph> binding, ExampleCost cost, int threads) {
        this.cost = cost;
        this.threadsBefore = Nd4j.getEnvironment().maxThreads();
        graphs.add(graph);
        for (int i = 1; i < threads; i++) {
            ComputationGraph twin =
                    new ComputationGraph(graph.getConfiguration().clone());
            twin.init(graph.params(), false);
            binding.accept(twin);
            graphs.add(twin);
        }
        this.order = new PartOrder(threads);
        this.pool = threads == 1
                ? null
                : Executors.newFixedThreadPool(threads - 1, work -> {
                    Thread thread = new Thread(work, "lora4j-twin");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /**
     * Makes the twins.
     *
     * @param graph an initialised graph, bound to its frozen arrays; it computes the first part
     * @param binding what makes an initialised twin ready, such as binding its frozen arrays; {@code AdaptedModel.twins} does that
     * @param cost what its examples cost
     * @param threads number of parts, at least 1; with 1 there is no twin, and the graph computes with all threads as it does alone
     * @return the twins; to be closed
     */
    public static GraphTwins of(
            ComputationGraph graph, Consumer<ComputationGraph> binding, ExampleCost cost, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1: " + threads);
        }
        return new GraphTwins(graph, binding, cost, threads);
    }

    /**
     * How many threads are worth a part of their own: ND4J's, at most {@value #MOST_THREADS}; 1 on a GPU.
     *
     * @return at least 1
     */
    public static int usefulThreads() {
        boolean cpu = Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU;
        return cpu ? Math.max(1, Math.min(MOST_THREADS, Nd4j.getEnvironment().maxThreads())) : 1;
    }

    /**
     * A graph alone, without twins.
     *
     * @param graph an initialised graph
     * @return an object that needs no closing
     */
    public static GraphTwins alone(ComputationGraph graph) {
        return of(graph, twin -> {}, ExampleCost.EQUAL, 1);
    }

    /**
     * The graph itself.
     *
     * @return the one that was given
     */
    public ComputationGraph graph() {
        return graphs.get(0);
    }

    /**
     * The graph and its twins.
     *
     * @return an unmodifiable list, the graph first
     */
    public List<ComputationGraph> graphs() {
        return List.copyOf(graphs);
    }

    /**
     * One forward and backward pass in training mode. The sum of the examples' gradients is left in {@code graph().gradient()}.
     *
     * @param batch a minibatch
     * @param seeds the seed of the dropout masks of every part
     * @return mean loss of the batch, without regularisation terms
     */
    public double computeGradient(MultiDataSet batch, IntToLongFunction seeds) {
        changeTo(true);
        Parts parts = parts(batch.getFeatures(), batch.hasMaskArrays());
        if (parts.count() == 1) {
            order.begin(1);
            lastLoss = pass(graph(), batch.getFeatures(), batch.getLabels(), batch, seeds.applyAsLong(0));
            return lastLoss;
        }
        List<Double> losses = run(parts, part -> {
            INDArray[] labels = parts.take(batch.getLabels(), part);
            double mean = pass(
                    graphs.get(part), parts.take(batch.getFeatures(), part), labels, null, seeds.applyAsLong(part));
            return mean * labels[0].size(0);
        });
        INDArray gradient = graph().gradient().gradient();
        for (int part = 1; part < parts.count(); part++) {
            gradient.addi(graphs.get(part).gradient().gradient());
        }
        lastLoss = mean(losses, batch);
        return lastLoss;
    }

    private static double mean(List<Double> sums, MultiDataSet batch) {
        return sums.stream().mapToDouble(loss -> loss).sum()
                / batch.getLabels(0).size(0);
    }

    /**
     * The loss of the last {@link #computeGradient}.
     *
     * @return its result; NaN before the first
     */
    public double lastLoss() {
        return lastLoss;
    }

    /**
     * The mean loss of a batch in training mode, by a forward pass only: the result of {@link #computeGradient} with the same seeds.
     *
     * @param batch a minibatch
     * @param seeds the seed of the dropout masks of every part
     * @return mean loss of the batch, without regularisation terms
     */
    public double loss(MultiDataSet batch, IntToLongFunction seeds) {
        Parts parts = parts(batch.getFeatures(), batch.hasMaskArrays());
        if (parts.count() == 1) {
            return score(graph(), batch, seeds.applyAsLong(0));
        }
        List<Double> losses = run(parts, part -> {
            INDArray[] labels = parts.take(batch.getLabels(), part);
            MultiDataSet taken =
                    new org.nd4j.linalg.dataset.MultiDataSet(parts.take(batch.getFeatures(), part), labels);
            return score(graphs.get(part), taken, seeds.applyAsLong(part)) * labels[0].size(0);
        });
        return mean(losses, batch);
    }

    private static double score(ComputationGraph graph, MultiDataSet batch, long seed) {
        Nd4j.getRandom().setSeed(seed);
        return graph.score(batch, true) - graph.calcRegularizationScore(true);
    }

    /**
     * For what listens inside the graphs while {@link #computeGradient} runs and writes to something that all parts share: does part k's work
     * after that of all parts before it, so that the order, and with it every bit of a sum, does not depend on who is faster. Called on the
     * part's own thread, at most once for a name in a pass.
     *
     * @param part the index in {@link #graphs} of the graph that is listened to
     * @param name what is written to
     * @param work what to do when it is the part's turn
     * @throws IllegalStateException if a part before it has failed; {@link #computeGradient} throws that part's own exception
     */
    public void inOrder(int part, String name, Runnable work) {
        order.run(part, name, work);
    }

    private static double pass(
            ComputationGraph graph, INDArray[] features, INDArray[] labels, @Nullable MultiDataSet masks, long seed) {
        Nd4j.getRandom().setSeed(seed);
        graph.setInputs(features);
        graph.setLabels(labels);
        if (masks != null) {
            graph.setLayerMaskArrays(masks.getFeaturesMaskArrays(), masks.getLabelsMaskArrays());
        }
        graph.computeGradientAndScore();
        graph.clearLayerMaskArrays();
        // DL4J's score holds the regularisation terms too.
        return graph.score() - graph.calcRegularizationScore(true);
    }

    /**
     * The output of the graph's only output layer in inference mode.
     *
     * @param features a batch's inputs
     * @return rows in the order of the examples, a new array
     */
    public INDArray output(INDArray... features) {
        changeTo(false);
        Parts parts = parts(features, false);
        if (parts.count() == 1) {
            return graph().outputSingle(false, features);
        }
        List<INDArray> outputs = run(parts, part -> graphs.get(part).outputSingle(false, parts.take(features, part)));
        return parts.join(outputs.toArray(INDArray[]::new));
    }

    /**
     * Releases the activations' memory of the other kind of pass: an evaluation between two epochs, whose batches are larger, then does not stand
     * beside a training step's.
     */
    private void changeTo(boolean gradients) {
        if (gradients == training) {
            return;
        }
        training = gradients;
        GraphWorkspaces.release();
        onOthers(GraphWorkspaces::release);
    }

    /** Work on each twin's thread, once on each. */
    private void onOthers(Runnable work) {
        ExecutorService others = pool;
        if (others == null) {
            return;
        }
        CountDownLatch all = new CountDownLatch(graphs.size() - 1);
        for (int i = 1; i < graphs.size(); i++) {
            others.execute(() -> {
                work.run();
                all.countDown();
                awaitQuietly(all); // or an idle thread would take the next one's turn
            });
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Parts parts(INDArray[] features, boolean masks) {
        int[] costs = masks || pool == null ? new int[] {1} : cost.of(features);
        return Parts.of(costs, graphs.size());
    }

    /** Work on one part. */
    private interface Work<T> {
        T on(int part);
    }

    /** The results of all parts in their order; the first part runs here. */
    private <T> List<T> run(Parts parts, Work<T> work) {
        ExecutorService others = pool;
        if (others == null) {
            throw new IllegalStateException("closed, or without twins");
        }
        useThreads(1);
        order.begin(parts.count());
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int part = 1; part < parts.count(); part++) {
                int index = part;
                futures.add(others.submit(() -> KernelThreads.alone(() -> onPart(index, work))));
            }
            List<T> results = new ArrayList<>();
            RuntimeException first = null;
            try {
                results.add(KernelThreads.alone(() -> onPart(0, work)));
            } catch (RuntimeException e) {
                first = e;
            }
            for (Future<T> future : futures) {
                try {
                    results.add(future.get());
                } catch (ExecutionException e) {
                    first = first == null ? unchecked(e) : first;
                }
            }
            if (first != null) {
                throw first;
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the parts of a batch were computed", e);
        } finally {
            useThreads(threadsBefore);
        }
    }

    private <T> T onPart(int part, Work<T> work) {
        boolean well = false;
        try {
            T result = work.on(part);
            well = true;
            return result;
        } finally {
            order.end(part, well);
        }
    }

    private static RuntimeException unchecked(ExecutionException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    }

    private static void useThreads(int threads) {
        Nd4j.getEnvironment().setMaxThreads(threads);
        Nd4j.getEnvironment().setMaxMasterThreads(threads);
        Nd4j.factory().blas().setMaxThreads(threads);
    }

    /** Ends the threads, with the workspaces they had. */
    @Override
    public void close() {
        onOthers(() -> Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread());
        if (pool != null) {
            pool.shutdown();
        }
    }
}
