package io.lora4j.models;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is, read from its files' headers: no weight is touched.
 *
 * @param name the name by which it was asked for
 * @param folder where its files are
 * @param architecture the class and the type that its {@code config.json} names
 * @param sizes configuration keys and their values, in a fixed order
 * @param dataTypes the weights' element types
 * @param tensors number of tensors
 * @param parameters number of weights
 * @param bytes the weights' files, in bytes
 * @param source where it was imported from; null for a folder of the user's own
 * @param licence the SPDX name of its licence; null if it is not known
 * @param sha256 checksum of the weights, as {@link PretrainedModel#sha256} has it
 */
public record ModelDetails(
        String name,
        Path folder,
        String architecture,
        Map<String, String> sizes,
        List<String> dataTypes,
        int tensors,
        long parameters,
        long bytes,
        @Nullable String source,
        @Nullable String licence,
        String sha256) {}
