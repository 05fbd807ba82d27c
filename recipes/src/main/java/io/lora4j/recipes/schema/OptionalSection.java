package io.lora4j.recipes.schema;

import org.jspecify.annotations.Nullable;

/**
 * A section that is not there unless it is written; a plain {@link Section} that is a key of another one is read as an empty block.
 *
 * @param section what it is when it is written
 * @param <T> the Java type
 */
public record OptionalSection<T>(Section<T> section) implements Type<T> {
    @Override
    public @Nullable T read(Tree tree, String path, Problems problems) {
        return section.read(tree, path, problems);
    }

    @Override
    public Shape shape() {
        return section.shape();
    }

    @Override
    public String describe() {
        return section.describe();
    }
}
