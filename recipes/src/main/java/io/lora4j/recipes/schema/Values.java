package io.lora4j.recipes.schema;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of a section whose keys are all valid. Immutable. */
public final class Values {
    private final Map<Key<?>, Object> given;
    private final Map<Key<?>, Origin> origins;
    private final Origin origin;
    private final String path;

    Values(Map<Key<?>, Object> given, Map<Key<?>, Origin> origins, Origin origin, String path) {
        this.given = Map.copyOf(given);
        this.origins = Map.copyOf(origins);
        this.origin = origin;
        this.path = path;
    }

    /**
     * The value of a key that is required or has a default.
     *
     * @param key one of the section's keys
     * @param <T> the Java type of its value
     * @return the value given, or else the default
     * @throws IllegalArgumentException if the key has no value: it is neither given, nor required, nor has it a default
     */
    public <T> T get(Key<T> key) {
        T value = find(key);
        if (value == null) {
            throw new IllegalArgumentException(key.name() + " has no value");
        }
        return value;
    }

    /**
     * The value of any key.
     *
     * @param key one of the section's keys
     * @param <T> the Java type of its value
     * @return the value given, else the default, else null
     */
    @SuppressWarnings("unchecked") // Section puts only what the key's own type made
    public <T> @Nullable T find(Key<T> key) {
        T value = (T) given.get(key);
        return value == null ? key.fallback() : value;
    }

    /**
     * Whether a key was written (and not as null).
     *
     * @param key one of the section's keys
     * @return true if it was
     */
    public boolean isGiven(Key<?> key) {
        return given.containsKey(key);
    }

    /**
     * Whether a key was written with a value that is wrong: possible only in a check between keys.
     *
     * @param key one of the section's keys
     * @return true if a problem was told
     */
    public boolean isWrong(Key<?> key) {
        return origins.containsKey(key) && !given.containsKey(key);
    }

    /**
     * Where a key was written.
     *
     * @param key one of the section's keys
     * @return where its value stands; where the section begins if it was left out
     */
    public Origin origin(Key<?> key) {
        return origins.getOrDefault(key, origin);
    }

    /**
     * Where the section begins.
     *
     * @return file and line
     */
    public Origin origin() {
        return origin;
    }

    /**
     * A key's full name.
     *
     * @param key one of the section's keys
     * @return e.g. {@code train.batch}
     */
    public String path(Key<?> key) {
        return Section.join(path, key.name());
    }
}
