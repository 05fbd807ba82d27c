package io.lora4j.models.export;

import java.util.Locale;

/**
 * What was found when an exported model was read back.
 *
 * @param difference the largest difference of logits between the adapter and what {@code description} says, on sequences of many lengths
 * @param description what was compared with what, and the difference, in words for a user: "read back, ..."
 */
public record ExportCheck(double difference, String description) {
    /**
     * The check of a format that this program computes with again after reading it back.
     *
     * @param difference the largest difference of logits between the adapter and what was read back
     * @return the check
     */
    static ExportCheck ofLogits(double difference) {
        return new ExportCheck(
                difference,
                String.format(
                        Locale.ROOT, "read back, its logits differ from the adapter's by %.1e at most", difference));
    }
}
