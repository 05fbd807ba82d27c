package io.lora4j.recipes.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was measured, under the keys of {@code lora4j bench}'s JSON line.
 *
 * @param values key to value, in order; immutable
 */
public record BenchResult(Map<String, @Nullable Object> values) {
    static final String MEDIAN = "ms_median";
    static final String BEST = "ms_min";
    static final String MEMORY = "rss_peak_mb";

    private static final JsonMapper MAPPER = new JsonMapper();

    /** Wraps the map, whose order is the line's. */
    public BenchResult {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * One JSON object.
     *
     * @return one line without its end
     */
    public String line() {
        try {
            return MAPPER.writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON: " + values, e);
        }
    }

    /** A number of the line. */
    double number(String key) {
        return ((Number) Objects.requireNonNull(values.get(key), key)).doubleValue();
    }
}
