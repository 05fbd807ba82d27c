package io.lora4j.recipes.method;

import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Origin;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.Values;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A method as recipes name it.
 *
 * @param name the name, lower case with hyphens
 * @param summary what it is, in one line
 * @param source the paper or code it follows, with version
 * @param keys the settings it has beyond those of every method
 * @param settings makes its settings from valid keys
 */
public record MethodType(String name, String summary, String source, List<Key<?>> keys, FromKeys settings) {
    /** Makes settings from keys that are valid one by one. */
    @FunctionalInterface
    public interface FromKeys {
        /**
         * Makes the settings.
         *
         * @param values the keys
         * @param problems takes what is wrong between keys
         * @return the settings; null if the keys make no sense together, which {@code problems} then tells
         */
        @Nullable
        MethodSettings read(Values values, Problems problems);
    }

    /** Copies the list. */
    public MethodType {
        keys = List.copyOf(keys);
    }

    /**
     * A method whose keys go together in every combination.
     *
     * @param name the name, lower case with hyphens
     * @param summary what it is, in one line
     * @param source the paper or code it follows, with version
     * @param keys the settings it has beyond those of every method
     * @param settings makes its settings from valid keys
     */
    public MethodType(
            String name,
            String summary,
            String source,
            List<Key<?>> keys,
            Function<Values, ? extends MethodSettings> settings) {
        this(name, summary, source, keys, (values, problems) -> settings.apply(values));
    }

    /**
     * What the settings are if a recipe gives nothing but the method's name.
     *
     * @return new settings
     */
    public MethodSettings defaults() {
        Section<MethodSettings> block = new Section<>(name, keys, null, settings::read);
        Origin nowhere = new Origin(name, Origin.NO_LINE, Path.of(""));
        MethodSettings made = block.read(new Tree.Mapping(Map.of(), nowhere), name, new Problems());
        if (made == null) {
            throw new IllegalStateException(name + " cannot do without keys of its own");
        }
        return made;
    }
}
