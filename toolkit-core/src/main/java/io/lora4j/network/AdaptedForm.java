package io.lora4j.network;

import io.lora4j.adapter.Adaptable;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenStore;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraLinear;
import io.lora4j.adapter.TargetSelection;
import io.lora4j.error.UserException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What becomes of every layer of a base network under a {@link LoraConfig}: adapter, frozen, trained whole, or left as it is.
 *
 * @param replaced the layers that take another's place
 * @param frozen the arrays of each of them
 * @param saved names of the layers that are trained whole
 */
record AdaptedForm(Map<String, Layer> replaced, Map<String, FrozenWeights> frozen, List<String> saved) {
    /**
     * Decides about every layer.
     *
     * @throws UserException if a target, pattern or module names nothing, or a part cannot be frozen
     */
    static AdaptedForm of(Map<String, Slot> slots, LoraConfig config) {
        Map<String, Adaptable> adaptable = new LinkedHashMap<>();
        List<String> trainable = new ArrayList<>();
        slots.forEach((name, slot) -> {
            if (slot.params() == null) {
                return;
            }
            trainable.add(name);
            Adaptable size = slot.layer() == null ? null : BaseLayers.adaptable(BaseLayers.unwrap(slot.layer()));
            if (size != null) {
                adaptable.put(name, size);
            }
        });
        for (String entry : config.modulesToSave()) {
            if (trainable.stream().noneMatch(name -> LoraConfig.matches(entry, name))) {
                throw new UserException("modulesToSave \"" + entry + "\" matches no layer with parameters; there are: "
                        + String.join(", ", trainable));
            }
        }
        Map<String, LoraConfig> targets = TargetSelection.of(adaptable, config);
        AdaptedForm form = new AdaptedForm(new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>());
        for (String name : trainable) {
            if (config.saves(name)) {
                form.saved.add(name);
                form.save(Objects.requireNonNull(slots.get(name)));
            } else {
                form.freeze(Objects.requireNonNull(slots.get(name)), adaptable.get(name), targets.get(name));
            }
        }
        return form;
    }

    /** A layer that DL4J's own wrappers froze is to be trained: take it out of them. */
    private void save(Slot slot) {
        Layer layer = slot.layer();
        if (layer != null && BaseLayers.isWrapped(layer)) {
            replaced.put(slot.name(), BaseLayers.unwrap(layer).clone());
        }
    }

    private void freeze(Slot slot, @Nullable Adaptable size, @Nullable LoraConfig target) {
        if (slot.layer() == null) {
            throw new UserException("vertex " + slot.name()
                    + " has parameters of its own and cannot be frozen: name it in modulesToSave to train it");
        }
        Layer layer = BaseLayers.unwrap(slot.layer());
        if (holdsBatchNorm(layer)) {
            throw new UserException("layer " + slot.name()
                    + " wraps batch normalisation and cannot be frozen: name it in modulesToSave to train it");
        }
        INDArray flat = Objects.requireNonNull(slot.params());
        boolean dense = size != null && size.kind() == LayerKind.DENSE;
        if (size != null && (dense || target != null)) {
            FrozenWeights arrays = arrays(slot.name(), layer, size.kind(), flat);
            FrozenLinear adapted;
            if (dense) {
                FrozenLinear linear = FrozenLinear.of((DenseLayer) layer);
                adapted = target == null ? linear : LoraLinear.over(linear, target);
            } else {
                adapted = new LoraWrapper((FeedForwardLayer) layer, Objects.requireNonNull(target));
            }
            adapted.setLayerName(slot.name());
            adapted.setFrozenId(FrozenStore.put(arrays));
            replaced.put(slot.name(), adapted);
            frozen.put(slot.name(), arrays);
            return;
        }
        FrozenWeights arrays = new FrozenWeights(Map.of(slot.name() + "." + FrozenWrapper.PARAMS, flat));
        FrozenWrapper wrapper = new FrozenWrapper(layer);
        wrapper.setLayerName(slot.name());
        wrapper.setFrozenId(FrozenStore.put(arrays));
        replaced.put(slot.name(), wrapper);
        frozen.put(slot.name(), arrays);
    }

    private static boolean holdsBatchNorm(Layer layer) {
        return layer instanceof BaseWrapperLayer wrapper
                && (wrapper.getUnderlying() instanceof BatchNormalization || holdsBatchNorm(wrapper.getUnderlying()));
    }

    /** W [in, out] and b [out] of a layer as views, by the names that layers look them up. */
    static FrozenWeights arrays(String name, Layer layer, LayerKind kind, INDArray flat) {
        Map<String, INDArray> table = BaseLayers.table(layer, flat);
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put(name + "." + FrozenLinear.WEIGHT, BaseLayers.matrix(kind, table));
        INDArray bias = BaseLayers.bias(layer, table);
        if (bias != null) {
            arrays.put(name + "." + FrozenLinear.BIAS, bias);
        }
        return new FrozenWeights(arrays);
    }
}
