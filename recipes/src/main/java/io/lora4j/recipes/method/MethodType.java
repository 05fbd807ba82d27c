package io.lora4j.recipes.method;

import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Values;
import java.util.List;
import java.util.function.Function;

/**
 * A method as recipes name it.
 *
 * @param name the name, lower case with hyphens
 * @param summary what it is, in one line
 * @param source the paper or code it follows, with version
 * @param keys the settings it has beyond those of every method
 * @param settings makes its settings from valid keys
 */
public record MethodType(
        String name,
        String summary,
        String source,
        List<Key<?>> keys,
        Function<Values, ? extends MethodSettings> settings) {
    /** Copies the list. */
    public MethodType {
        keys = List.copyOf(keys);
    }
}
