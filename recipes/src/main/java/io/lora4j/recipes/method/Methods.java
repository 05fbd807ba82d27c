package io.lora4j.recipes.method;

import io.lora4j.recipes.schema.Key;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The closed set of methods. */
public final class Methods {
    /** All methods, in the order they are listed. */
    public static final List<MethodType> ALL = List.of(
            HeadOnlySettings.TYPE,
            ZeroStepSettings.TYPE,
            OneStepSettings.TYPE,
            FullSettings.TYPE,
            LoraSettings.TYPE,
            RsLoraSettings.TYPE,
            LoraPlusSettings.TYPE,
            PLoraSettings.TYPE,
            DoraSettings.TYPE,
            LoraGaSettings.TYPE,
            LoraOneSettings.TYPE,
            PissaSettings.TYPE,
            OloraSettings.TYPE,
            EvaSettings.TYPE,
            LoraFaSettings.TYPE,
            LoraProSettings.TYPE);

    /** The keys of the parts that every method with adapters can be combined with, and no other method. */
    public static final List<Key<?>> ADAPTER_KEYS = CompositionRules.KEYS;

    private Methods() {}

    /**
     * The methods by name.
     *
     * @return name to type, in the order they are listed
     */
    public static Map<String, MethodType> byName() {
        Map<String, MethodType> byName = new LinkedHashMap<>();
        ALL.forEach(type -> byName.put(type.name(), type));
        return byName;
    }
}
