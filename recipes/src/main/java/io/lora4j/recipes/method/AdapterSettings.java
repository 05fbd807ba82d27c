package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of a method that trains adapters: a start of its own, and the parts that all such methods can be combined with. */
public non-sealed interface AdapterSettings extends MethodSettings {
    /**
     * What the start is combined with.
     *
     * @return preconditioner, ratio, scaling, weight form and optimiser
     */
    Composition composition();

    /**
     * How the factors start.
     *
     * @return a new initialiser with these settings
     */
    AdapterInitializer initializer();

    /**
     * The method's own settings, without the common parts, as a recipe writes them.
     *
     * @return key to value, in the order of the type's keys; scalars only
     */
    default Map<String, Object> ownMap() {
        return Map.of();
    }

    @Override
    default Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>(ownMap());
        map.putAll(composition().toMap());
        return map;
    }

    @Override
    default MethodPlan plan() {
        return composition().plan(initializer());
    }
}
