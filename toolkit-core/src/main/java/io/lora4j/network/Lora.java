package io.lora4j.network;

import io.lora4j.adapter.LoraConfig;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * LoRA for a network you have.
 *
 * <pre>{@code
 * LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(trained,
 *         LoraConfig.builder().rank(4).targetKinds(LayerKind.CONVOLUTION_2D).modulesToSave("head").build());
 * adapted.network().fit(newData, 10);
 * MultiLayerNetwork plain = adapted.merge();
 * }</pre>
 */
public final class Lora {
    /** The name of the adapter that injection makes. */
    public static final String DEFAULT = "default";

    private Lora() {}

    /**
     * Freezes a network and puts adapters into it.
     *
     * @param base an initialised, trained network. Its parameters are shared, not copied: they are never written here and must not be
     *     trained any more by anybody else
     * @param config what to adapt, freeze and train whole
     * @return a handle with one adapter named {@value #DEFAULT}, whose output is the base's; its {@code fit} ends with a {@link
     *     io.lora4j.error.DivergedException} at the first NaN ({@link NonFiniteGuard})
     * @throws UserException if a target, pattern or module names nothing, a rank is too large, or a part cannot be frozen
     */
    public static LoraNetwork<MultiLayerNetwork> inject(MultiLayerNetwork base, LoraConfig config) {
        requireInitialised(base.isInitCalled());
        return new LoraNetwork<>(new MultiLayerForm(base.getLayerWiseConfigurations(), base.params()), config);
    }

    /**
     * Freezes a graph and puts adapters into it.
     *
     * @param base an initialised, trained graph. Its parameters are shared, not copied: they are never written here and must not be
     *     trained any more by anybody else
     * @param config what to adapt, freeze and train whole
     * @return a handle with one adapter named {@value #DEFAULT}, whose output is the base's; its {@code fit} ends with a {@link
     *     io.lora4j.error.DivergedException} at the first NaN ({@link NonFiniteGuard})
     * @throws UserException if a target, pattern or module names nothing, a rank is too large, or a part cannot be frozen
     */
    public static LoraNetwork<ComputationGraph> inject(ComputationGraph base, LoraConfig config) {
        requireInitialised(base.getVertices() != null);
        return new LoraNetwork<>(new GraphForm(base, base.getConfiguration(), base.params()), config);
    }

    private static void requireInitialised(boolean initialised) {
        if (!initialised) {
            throw new IllegalArgumentException("the network is not initialised: call init() and train it first");
        }
    }

    /**
     * Restores what {@link LoraNetwork#saveModel} wrote: base, adapter and, if it was saved, the updater's state.
     *
     * @param file a model file with a MultiLayerNetwork
     * @return a handle with one adapter named {@value #DEFAULT}
     * @throws FormatException if the file is no such file or is damaged
     */
    public static LoraNetwork<MultiLayerNetwork> restoreMultiLayerNetwork(Path file) {
        return ModelFile.restoreMultiLayerNetwork(file);
    }

    /**
     * Restores what {@link LoraNetwork#saveModel} wrote: base, adapter and, if it was saved, the updater's state.
     *
     * @param file a model file with a ComputationGraph
     * @return a handle with one adapter named {@value #DEFAULT}
     * @throws FormatException if the file is no such file or is damaged
     */
    public static LoraNetwork<ComputationGraph> restoreComputationGraph(Path file) {
        return ModelFile.restoreComputationGraph(file);
    }
}
