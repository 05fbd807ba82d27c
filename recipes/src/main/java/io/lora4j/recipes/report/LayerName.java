package io.lora4j.recipes.report;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A layer's name taken apart: {@code bert.encoder.layer.3.attention.self.query} is block 3, kind {@code attention.self.query}.
 *
 * @param block which of the encoder's blocks, from 0; -1 if the name has no number
 * @param kind what it is in every block
 */
record LayerName(int block, String kind) {
    private static final Pattern NUMBERED = Pattern.compile(".*?\\.(\\d{1,6})\\.(.+)");

    static LayerName of(String layer) {
        Matcher parts = NUMBERED.matcher(layer);
        return parts.matches()
                ? new LayerName(Integer.parseInt(parts.group(1)), parts.group(2))
                : new LayerName(-1, layer);
    }
}
