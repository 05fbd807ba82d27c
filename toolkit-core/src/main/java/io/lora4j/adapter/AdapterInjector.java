package io.lora4j.adapter;

import io.lora4j.error.UserException;
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
        Map<String, LoraConfig> targets = selection(base, config);
        ComputationGraphConfiguration adapted = base.clone();
        targets.forEach((name, own) -> {
            LayerVertex vertex =
                    (LayerVertex) Objects.requireNonNull(adapted.getVertices().get(name));
            FrozenLinear layer = (FrozenLinear) vertex.getLayerConf().getLayer();
            vertex.getLayerConf().setLayer(LoraLinear.over(layer, own));
        });
        return adapted;
    }

    /**
     * The layers that a config's targets name.
     *
     * @param base a configuration with {@link FrozenLinear} layers
     * @param config the targets
     * @return vertex names in the order of the configuration
     * @throws UserException if an entry matches no frozen linear layer, or the rank is larger than a matched layer's min(in, out)
     */
    public static List<String> targets(ComputationGraphConfiguration base, LoraConfig config) {
        return List.copyOf(selection(base, config).keySet());
    }

    private static Map<String, LoraConfig> selection(ComputationGraphConfiguration base, LoraConfig config) {
        Map<String, Adaptable> linears = new LinkedHashMap<>();
        for (Map.Entry<String, GraphVertex> e : base.getVertices().entrySet()) {
            if (e.getValue() instanceof LayerVertex vertex
                    && vertex.getLayerConf().getLayer() instanceof FrozenLinear linear) {
                linears.put(e.getKey(), new Adaptable(LayerKind.LINEAR, linear.getNIn(), linear.getNOut()));
            }
        }
        return TargetSelection.of(linears, config);
    }
}
