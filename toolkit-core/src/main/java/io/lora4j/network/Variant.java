package io.lora4j.network;

import io.lora4j.adapter.Adaptable;
import io.lora4j.adapter.AdaptedNetwork;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenLinearLayer;
import io.lora4j.adapter.FrozenStore;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.FrozenWeightsHolder;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraLinearLayer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * One named adapter: a network of its own over the base's frozen arrays. Its memory is that of the trainable parameters.
 *
 * @param <N> the network's class
 */
final class Variant<N extends Model> implements AdaptedNetwork {
    /** What an initialiser put into a shifted layer: W of this variant is the base's minus s A B of these. */
    record Start(INDArray a, INDArray b) {}

    private final NetworkForm<N> form;
    private final LoraConfig config;
    private final AdaptedForm adapted;
    private final N network;
    private final Map<String, FrozenWeights> frozen;
    private final Map<String, Start> starts = new LinkedHashMap<>();
    private final Map<String, INDArray> setAside = new LinkedHashMap<>();
    private boolean enabled = true;
    private boolean merged;

    private Variant(NetworkForm<N> form, LoraConfig config, AdaptedForm adapted, N network) {
        this.form = form;
        this.config = config;
        this.adapted = adapted;
        this.network = network;
        this.frozen = new LinkedHashMap<>(adapted.frozen());
        bind();
        network.addListeners(new NonFiniteGuard());
    }

    /** A fresh adapter: its output is the base's. */
    static <N extends Model> Variant<N> fresh(NetworkForm<N> form, LoraConfig config) {
        AdaptedForm adapted = AdaptedForm.of(form.slots(), config);
        Variant<N> variant = new Variant<>(form, config, adapted, form.build(adapted.replaced(), null));
        variant.copySaved(form.slots());
        return variant;
    }

    /** This adapter with another network of the same configuration, e.g. a restored one with its updater's state. */
    Variant<N> with(N other) {
        Variant<N> variant = new Variant<>(form, config, adapted, other);
        variant.frozen.putAll(frozen);
        variant.starts.putAll(starts);
        variant.bind();
        return variant;
    }

    private void bind() {
        Map<String, Layer> layers = form.layers(network);
        frozen.forEach(
                (name, arrays) -> ((FrozenWeightsHolder) Objects.requireNonNull(layers.get(name))).bindFrozen(arrays));
    }

    private void copySaved(Map<String, Slot> from) {
        Map<String, Slot> own = form.slots(network);
        for (String name : adapted.saved()) {
            params(own, name).assign(params(from, name));
        }
    }

    private static INDArray params(Map<String, Slot> slots, String name) {
        return Objects.requireNonNull(Objects.requireNonNull(slots.get(name)).params());
    }

    N network() {
        return network;
    }

    LoraConfig config() {
        return config;
    }

    Map<String, Start> starts() {
        return starts;
    }

    @Override
    public Map<String, FrozenLinearLayer> linears() {
        Map<String, FrozenLinearLayer> found = new LinkedHashMap<>();
        form.layers(network).forEach((name, layer) -> {
            if (layer instanceof FrozenLinearLayer linear) {
                found.put(name, linear);
            }
        });
        return Collections.unmodifiableMap(found);
    }

    @Override
    public void computeGradient(MultiDataSet data) {
        form.computeGradient(network, data);
    }

    @Override
    public void shiftWeight(String layer, INDArray shift) {
        FrozenLinearLayer linear = linears().get(layer);
        if (!(linear instanceof LoraLinearLayer lora)) {
            throw new IllegalArgumentException("no adapted layer named " + layer);
        }
        INDArray a = lora.loraA().dup();
        INDArray b = lora.loraB().dup();
        INDArray expected = a.mmul(b).muli(-lora.config().scale());
        double size = shift.norm2Number().doubleValue();
        double gap =
                expected.subi(shift.castTo(expected.dataType())).norm2Number().doubleValue();
        if (gap > 1e-3 * size) {
            throw new IllegalArgumentException("the shift of layer " + layer
                    + " is not -s A B of its adapter, so a saved adapter could not restore it");
        }
        starts.put(layer, new Start(a, b));
        rebind(layer, lora.weight().add(shift.castTo(lora.weight().dataType())));
    }

    /** Shifts W by -s A B of saved factors. */
    void restoreStart(String layer, Start start) {
        LoraLinearLayer lora = Objects.requireNonNull(adapters().get(layer));
        INDArray shift = start.a().mmul(start.b()).muli(-lora.config().scale());
        starts.put(layer, start);
        rebind(layer, lora.weight().add(shift.castTo(lora.weight().dataType())));
    }

    private void rebind(String layer, INDArray weight) {
        FrozenWeights arrays = withWeight(layer, weight);
        FrozenLinearLayer linear = Objects.requireNonNull(linears().get(layer));
        linear.layerConf().setFrozenId(FrozenStore.put(arrays));
        linear.bindFrozen(arrays);
        frozen.put(layer, arrays);
    }

    private FrozenWeights withWeight(String layer, INDArray weight) {
        return Objects.requireNonNull(frozen.get(layer)).with(Map.of(layer + "." + FrozenLinear.WEIGHT, weight));
    }

    boolean isEnabled() {
        return enabled;
    }

    /** Adapter and whole-trained layers as trained, or the base alone. */
    void setEnabled(boolean value) {
        if (value == enabled) {
            return;
        }
        unmerge();
        enabled = value;
        Map<String, Slot> own = form.slots(network);
        if (value) {
            setAside.forEach((name, trained) -> params(own, name).assign(trained));
            setAside.clear();
        } else {
            for (String name : adapted.saved()) {
                setAside.put(name, params(own, name).dup());
            }
            copySaved(form.slots());
        }
        adapters().values().forEach(layer -> layer.setAdapterEnabled(value));
    }

    boolean isMerged() {
        return merged;
    }

    /** Each adapted layer computes with one matrix W + s A B of its own. */
    void mergeInPlace() {
        if (!enabled) {
            throw new IllegalStateException("the adapter is disabled: enable it before merging");
        }
        if (!merged) {
            adapters().forEach((name, layer) -> {
                layer.bindFrozen(withWeight(name, layer.mergedWeight()));
                layer.setAdapterEnabled(false);
            });
            merged = true;
        }
    }

    /** The frozen matrices again, to the last bit, and the adapters beside them. */
    void unmerge() {
        if (merged) {
            adapters().forEach((name, layer) -> {
                layer.bindFrozen(Objects.requireNonNull(frozen.get(name)));
                layer.setAdapterEnabled(true);
            });
            merged = false;
        }
    }

    /** A network of the base's own layers with W + s A B. */
    N merge() {
        if (!enabled) {
            throw new IllegalStateException("the adapter is disabled: enable it before merging");
        }
        boolean inPlace = merged;
        unmerge();
        N plain = form.build(Map.of(), form.params().dup());
        Map<String, Slot> target = form.slots(plain);
        Map<String, Slot> own = form.slots(network);
        for (String name : adapted.saved()) {
            params(target, name).assign(params(own, name));
        }
        adapters().forEach((name, layer) -> {
            Slot slot = Objects.requireNonNull(target.get(name));
            org.deeplearning4j.nn.conf.layers.Layer conf = BaseLayers.unwrap(Objects.requireNonNull(slot.layer()));
            Adaptable size = Objects.requireNonNull(BaseLayers.adaptable(conf));
            FrozenWeights views = AdaptedForm.arrays(name, conf, size.kind(), params(target, name));
            views.get(name + "." + FrozenLinear.WEIGHT).assign(layer.mergedWeight());
        });
        if (inPlace) {
            mergeInPlace();
        }
        return plain;
    }

    @Nullable
    INDArray trainable() {
        return network.params();
    }
}
