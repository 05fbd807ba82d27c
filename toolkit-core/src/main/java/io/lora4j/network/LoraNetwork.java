package io.lora4j.network;

import io.lora4j.adapter.AdaptedNetwork;
import io.lora4j.adapter.FrozenLinearLayer;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraLinearLayer;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.AdapterSetup;
import io.lora4j.init.InputMoments;
import io.lora4j.init.InputMomentsEstimator;
import io.lora4j.init.LayerInitReport;
import io.lora4j.train.RandomStreams;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A frozen base network with one or more named adapters; the work is done by the active one.
 *
 * <p>{@link #network()} is an ordinary DL4J network: fit it, listen to it, stop it early, evaluate it. Its parameters are the adapter's
 * factors and the layers of {@code modulesToSave}; the base's are shared by all adapters. Each adapter has a network object of its own, so
 * switching copies nothing and two adapters may serve side by side. What DL4J copies (a clone, the best model of early stopping) finds
 * its frozen weights by itself as long as this handle or one of its networks is alive. Not thread-safe.
 *
 * @param <N> MultiLayerNetwork or ComputationGraph
 */
public final class LoraNetwork<N extends Model> implements AdaptedNetwork {
    private final NetworkForm<N> form;
    private final Map<String, Variant<N>> variants = new LinkedHashMap<>();
    private String active = Lora.DEFAULT;

    LoraNetwork(NetworkForm<N> form, LoraConfig config) {
        this.form = form;
        variants.put(Lora.DEFAULT, Variant.fresh(form, config));
    }

    LoraNetwork(NetworkForm<N> form, Variant<N> variant) {
        this.form = form;
        variants.put(Lora.DEFAULT, variant);
    }

    private Variant<N> variant(String name) {
        Variant<N> variant = variants.get(name);
        if (variant == null) {
            throw new UserException(
                    "no adapter named \"" + name + "\"; there are: " + String.join(", ", variants.keySet()));
        }
        return variant;
    }

    private Variant<N> variant() {
        return variant(active);
    }

    /**
     * The active adapter's network.
     *
     * @return the network itself; train it, but do not re-initialise it
     */
    public N network() {
        return variant().network();
    }

    /**
     * The network of one adapter, active or not.
     *
     * @param name the adapter's name
     * @return the network itself
     * @throws UserException if there is no such adapter
     */
    public N network(String name) {
        return variant(name).network();
    }

    /**
     * The names of all adapters.
     *
     * @return an unmodifiable set, in the order they were added
     */
    public Set<String> names() {
        return Collections.unmodifiableSet(variants.keySet());
    }

    /**
     * The active adapter.
     *
     * @return its name
     */
    public String active() {
        return active;
    }

    /**
     * What the active adapter adapts.
     *
     * @return its configuration
     */
    public LoraConfig config() {
        return variant().config();
    }

    /**
     * Adds a fresh adapter over the same base and makes it the active one.
     *
     * @param name a new name
     * @param config what it adapts; need not be what others adapt
     * @return this handle
     * @throws UserException if the name is taken, or for the reasons of {@link Lora#inject}
     */
    public LoraNetwork<N> add(String name, LoraConfig config) {
        requireNew(name);
        variants.put(name, Variant.fresh(form, config));
        active = name;
        return this;
    }

    private void requireNew(String name) {
        if (variants.containsKey(name)) {
            throw new UserException("there is an adapter named \"" + name + "\" already: remove it first");
        }
    }

    /**
     * Switches to an adapter.
     *
     * @param name the adapter's name
     * @return its network
     * @throws UserException if there is no such adapter
     */
    public N use(String name) {
        N network = network(name);
        active = name;
        return network;
    }

    /**
     * Forgets an adapter that is not the active one.
     *
     * @param name the adapter's name
     * @throws UserException if there is no such adapter, or it is active
     */
    public void remove(String name) {
        variant(name);
        if (name.equals(active)) {
            throw new UserException("adapter \"" + name + "\" is active: use another one before removing it");
        }
        variants.remove(name);
    }

    @Override
    public Map<String, FrozenLinearLayer> linears() {
        return variant().linears();
    }

    @Override
    public void shiftWeight(String layer, INDArray shift) {
        variant().shiftWeight(layer, shift);
    }

    @Override
    public void computeGradient(MultiDataSet data) {
        variant().computeGradient(data);
    }

    /**
     * Number of parameters that the active adapter's network trains.
     *
     * @return factors and modulesToSave
     */
    public long trainableParameters() {
        return variant().network().params().length();
    }

    /**
     * Number of the base's parameters.
     *
     * @return all of them, as DL4J counts
     */
    public long baseParameters() {
        return form.params().length();
    }

    /**
     * Starts the active adapter by a method, estimating what the method needs on the user's own data.
     *
     * @param initializer the method, e.g. LoRA-One or LoRA-GA
     * @param data minibatches for the estimate ({@link Minibatches}); not looked at by methods that need none
     * @param streams the run's random streams
     * @return what was done, one report per adapted layer
     * @throws UserException if the rank is larger than the method allows on some layer
     */
    public List<LayerInitReport> initialize(
            AdapterInitializer initializer, Iterable<? extends MultiDataSet> data, RandomStreams streams) {
        Map<String, LoraLinearLayer> adapters = adapters();
        adapters.forEach((name, layer) -> {
            long limit =
                    initializer.maxRank(layer.weight().size(0), layer.weight().size(1));
            if (layer.config().getRank() > limit) {
                throw new UserException("adapter rank " + layer.config().getRank() + " is larger than "
                        + initializer.name() + " allows on layer " + name + ": at most " + limit);
            }
        });
        WeightGradients gradients = initializer.needsGradient()
                ? new GradientEstimator(DataType.FLOAT, streams).estimate(this, adapters.keySet(), data)
                : null;
        Map<String, InputMoments> inputs = initializer.needsInputs()
                ? new InputMomentsEstimator(streams).estimate(this, adapters.keySet(), data)
                : Map.of();
        return AdapterSetup.apply(this, initializer, gradients, inputs, streams);
    }

    /** Computes with the base alone: adapters are off, the layers of {@code modulesToSave} have the base's parameters. */
    public void disable() {
        variant().setEnabled(false);
    }

    /** Undoes {@link #disable()}. */
    public void enable() {
        variant().setEnabled(true);
    }

    /**
     * Whether the active adapter takes part.
     *
     * @return true unless it was disabled
     */
    public boolean isEnabled() {
        return variant().isEnabled();
    }

    /**
     * A plain network: the base's own layers with W + s A B and the trained layers of {@code modulesToSave}.
     *
     * @return a new network with parameters of its own, of DL4J's layer classes only: it loads where LoRA4J is not on the class path
     */
    public N merge() {
        return variant().merge();
    }

    /**
     * Lets the active adapter's network compute with one matrix W + s A B per adapted layer, as fast as the base; training is refused
     * until {@link #unmerge()}. The base and other adapters are untouched.
     */
    public void mergeInPlace() {
        variant().mergeInPlace();
    }

    /** Undoes {@link #mergeInPlace()}: the base's matrices again, to the last bit. */
    public void unmerge() {
        variant().unmerge();
    }

    /**
     * Whether the active adapter is merged in place.
     *
     * @return true after {@link #mergeInPlace()}
     */
    public boolean isMerged() {
        return variant().isMerged();
    }

    /**
     * Writes the active adapter alone: a small file without the base.
     *
     * @param file where to; replaced if it exists
     */
    public void save(Path file) {
        AdapterFile.write(file, form, variant());
    }

    /**
     * Reads an adapter that {@link #save} wrote over the same base, and makes it the active one.
     *
     * @param name its name here; new
     * @param file the adapter's file
     * @return its network
     * @throws UserException if the name is taken or the adapter was made over another base
     * @throws FormatException if the file is no such file or is damaged
     */
    public N load(String name, Path file) {
        requireNew(name);
        variants.put(name, AdapterFile.read(file, form));
        return use(name);
    }

    /**
     * Writes base and active adapter as one DL4J model file (ModelSerializer's, with entries of our own beside it).
     *
     * @param file where to; replaced if it exists
     * @param updater whether the updater's state is written, so that training can go on
     */
    public void saveModel(Path file, boolean updater) {
        ModelFile.write(file, form, variant(), updater);
    }
}
