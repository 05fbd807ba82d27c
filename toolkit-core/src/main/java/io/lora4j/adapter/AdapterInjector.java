package io.lora4j.adapter;

import io.lora4j.error.UserException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;

/**
 * Puts adapters into a graph's configuration: every {@link FrozenLinear} that a target names becomes a {@link LoraLinear} over the same
 * frozen weight.
 *
 * <p>Pure functions; the given configuration is never changed.
 */
public final class AdapterInjector {
    private AdapterInjector() {}

    /**
     * The adapted form of a configuration.
     *
     * @param base a configuration with {@link FrozenLinear} layers; unchanged
     * @param config what to adapt and how
     * @return a copy with adapters
     * @throws UserException if a target entry matches no frozen linear layer, or the rank is larger than a matched layer's min(in,
     *     out)
     */
    public static ComputationGraphConfiguration inject(ComputationGraphConfiguration base, LoraConfig config) {
        List<String> targets = targets(base, config);
        ComputationGraphConfiguration adapted = base.clone();
        for (String name : targets) {
            LayerVertex vertex =
                    (LayerVertex) Objects.requireNonNull(adapted.getVertices().get(name));
            FrozenLinear layer = (FrozenLinear) vertex.getLayerConf().getLayer();
            long limit = Math.min(layer.getNIn(), layer.getNOut());
            if (config.rank() > limit) {
                throw new UserException(
                        "adapter rank " + config.rank() + " is larger than layer " + name + " allows: it is "
                                + layer.getNIn() + " x " + layer.getNOut() + ", so the rank is at most " + limit);
            }
            vertex.getLayerConf().setLayer(LoraLinear.over(layer, config));
        }
        return adapted;
    }

    /**
     * The layers that a config's targets name.
     *
     * @param base a configuration with {@link FrozenLinear} layers
     * @param config the targets
     * @return vertex names in the order of the configuration
     * @throws UserException if an entry matches no frozen linear layer
     */
    public static List<String> targets(ComputationGraphConfiguration base, LoraConfig config) {
        Map<String, FrozenLinear> linears = frozenLinears(base);
        for (String entry : config.targetModules()) {
            if (linears.keySet().stream().noneMatch(name -> LoraConfig.matches(entry, name))) {
                throw new UserException(
                        "adapter target \"" + entry + "\" matches no linear layer of the model; its layers end with: "
                                + String.join(", ", endings(linears)));
            }
        }
        return linears.keySet().stream()
                .filter(name -> config.targetModules().stream().anyMatch(entry -> LoraConfig.matches(entry, name)))
                .toList();
    }

    private static Map<String, FrozenLinear> frozenLinears(ComputationGraphConfiguration base) {
        Map<String, FrozenLinear> linears = new LinkedHashMap<>();
        for (Map.Entry<String, GraphVertex> e : base.getVertices().entrySet()) {
            if (e.getValue() instanceof LayerVertex vertex
                    && vertex.getLayerConf().getLayer() instanceof FrozenLinear linear) {
                linears.put(e.getKey(), linear);
            }
        }
        return linears;
    }

    /** The last two name components of every linear layer, once each: what a user would write as a target. */
    private static List<String> endings(Map<String, FrozenLinear> linears) {
        List<String> endings = new ArrayList<>();
        for (String name : linears.keySet()) {
            int lastDot = name.lastIndexOf('.');
            String ending = name.substring(name.lastIndexOf('.', lastDot - 1) + 1);
            if (!endings.contains(ending)) {
                endings.add(ending);
            }
        }
        return endings;
    }
}
