package io.lora4j.adapter;

import io.lora4j.error.UserException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds out which layers a {@link LoraConfig} adapts, and refuses every entry that names nothing. */
public final class TargetSelection {
    private TargetSelection() {}

    /**
     * The layers to adapt.
     *
     * @param layers every layer that could carry an adapter, by name, in the network's order
     * @param config targets and patterns
     * @return name to the configuration with that layer's own rank and alpha, in the same order
     * @throws UserException if an entry matches nothing, nothing is left to adapt, or a rank is larger than min(in, out)
     */
    public static Map<String, LoraConfig> of(Map<String, Adaptable> layers, LoraConfig config) {
        for (String entry : config.targetModules()) {
            require(layers, "adapter target \"" + entry + "\"", name -> LoraConfig.matches(entry, name));
        }
        if (config.targetPattern() != null) {
            require(layers, "target pattern \"" + config.targetPattern() + "\"", config::matchesPattern);
        }
        for (LayerKind kind : config.targetKinds()) {
            require(layers, "target kind " + kind, name -> kindOf(layers, name) == kind);
        }
        Map<String, LoraConfig> chosen = new LinkedHashMap<>();
        layers.forEach((name, layer) -> {
            if (!config.saves(name) && isTarget(name, layer, config)) {
                chosen.put(name, config.forLayer(name));
            }
        });
        if (chosen.isEmpty()) {
            throw new UserException("nothing is left to adapt: modulesToSave " + config.modulesToSave()
                    + " names every layer that a target names");
        }
        requireKeys("rank pattern", config.rankPattern().keySet(), chosen);
        requireKeys("alpha pattern", config.alphaPattern().keySet(), chosen);
        chosen.forEach((name, own) -> requireRank(name, layers.get(name), own));
        return chosen;
    }

    private static boolean isTarget(String name, Adaptable layer, LoraConfig config) {
        return config.targetKinds().contains(layer.kind())
                || config.matchesPattern(name)
                || config.targetModules().stream().anyMatch(entry -> LoraConfig.matches(entry, name));
    }

    private static LayerKind kindOf(Map<String, Adaptable> layers, String name) {
        Adaptable layer = layers.get(name);
        return layer == null ? LayerKind.LINEAR : layer.kind();
    }

    private static void require(Map<String, Adaptable> layers, String what, Predicate<String> names) {
        if (layers.keySet().stream().noneMatch(names)) {
            throw new UserException(what + " matches no linear layer of the model; its layers end with: "
                    + String.join(", ", endings(layers.keySet())));
        }
    }

    private static void requireKeys(String what, Collection<String> keys, Map<String, LoraConfig> chosen) {
        for (String key : keys) {
            if (chosen.keySet().stream().noneMatch(name -> LoraConfig.matchesKey(key, name))) {
                throw new UserException(what + " \"" + key + "\" matches none of the adapted layers: "
                        + String.join(", ", chosen.keySet()));
            }
        }
    }

    private static void requireRank(String name, @Nullable Adaptable layer, LoraConfig own) {
        if (layer != null && own.rank() > Math.min(layer.in(), layer.out())) {
            throw new UserException("adapter rank " + own.rank() + " is larger than layer " + name + " allows: it is "
                    + layer.in() + " x " + layer.out() + ", so the rank is at most "
                    + Math.min(layer.in(), layer.out()));
        }
    }

    /** The last two name components of every layer, once each: what a user would write as a target. */
    private static List<String> endings(Collection<String> names) {
        List<String> endings = new ArrayList<>();
        for (String name : names) {
            int lastDot = name.lastIndexOf('.');
            String ending = name.substring(name.lastIndexOf('.', lastDot - 1) + 1);
            if (!endings.contains(ending)) {
                endings.add(ending);
            }
        }
        return endings;
    }
}
