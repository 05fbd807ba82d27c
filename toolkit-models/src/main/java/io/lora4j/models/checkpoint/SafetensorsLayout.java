package io.lora4j.models.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where every tensor of a file to be written will stand, and the bytes in front of them.
 *
 * <p>As the reference writer does (huggingface/safetensors {@code prepare} in {@code tensor.rs}): the header is padded with spaces so
 * that the data begin at a multiple of 8 bytes, and tensors are laid out by falling element size, then by name, so that each is aligned
 * to its element.
 *
 * @param header the length and the JSON text, padded
 * @param tensors name to tensor with its offset in the file, in the order of the data
 */
record SafetensorsLayout(ByteBuffer header, Map<String, TensorInfo> tensors) {
    private static final int ALIGNMENT = 8;
    private static final JsonFactory JSON = new JsonFactory();

    /** A tensor before it has a place. */
    record Spec(String name, TensorType type, List<Long> shape) {
        long bytes() {
            long bytes = type.bytes();
            for (long dimension : shape) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
            return bytes;
        }
    }

    /**
     * Lays out a file.
     *
     * @throws IllegalArgumentException if the header would be longer than readers accept or a name stands twice
     */
    static SafetensorsLayout of(List<Spec> specs, Map<String, String> metadata) throws IOException {
        List<Spec> sorted = new ArrayList<>(specs);
        sorted.sort(Comparator.comparingInt((Spec s) -> -s.type().bytes()).thenComparing(Spec::name));
        byte[] json = json(sorted, metadata);
        ByteBuffer header = ByteBuffer.allocate(Long.BYTES + json.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .flip();
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        long offset = header.remaining();
        for (Spec spec : sorted) {
            TensorInfo info = new TensorInfo(spec.name(), spec.type(), spec.shape(), offset, spec.bytes());
            if (tensors.put(spec.name(), info) != null) {
                throw new IllegalArgumentException("tensor '" + spec.name() + "' stands twice");
            }
            offset += spec.bytes();
        }
        return new SafetensorsLayout(header, tensors);
    }

    private static byte[] json(List<Spec> sorted, Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator generator = JSON.createGenerator(json)) {
            generator.writeStartObject();
            if (!metadata.isEmpty()) {
                generator.writeObjectFieldStart("__metadata__");
                for (Map.Entry<String, String> e : metadata.entrySet()) {
                    generator.writeStringField(e.getKey(), e.getValue());
                }
                generator.writeEndObject();
            }
            long offset = 0;
            for (Spec spec : sorted) {
                writeEntry(generator, spec, offset);
                offset = Math.addExact(offset, spec.bytes());
            }
            generator.writeEndObject();
        }
        json.writeBytes(" ".repeat(Math.floorMod(-json.size(), ALIGNMENT)).getBytes(StandardCharsets.US_ASCII));
        if (json.size() > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("the header would have " + json.size() + " bytes, the limit is "
                    + SafetensorsHeader.MAX_HEADER_BYTES);
        }
        return json.toByteArray();
    }

    private static void writeEntry(JsonGenerator generator, Spec spec, long offset) throws IOException {
        generator.writeObjectFieldStart(spec.name());
        generator.writeStringField("dtype", spec.type().name());
        generator.writeFieldName("shape");
        long[] shape = spec.shape().stream().mapToLong(Long::longValue).toArray();
        generator.writeArray(shape, 0, shape.length);
        generator.writeFieldName("data_offsets");
        generator.writeArray(new long[] {offset, offset + spec.bytes()}, 0, 2);
        generator.writeEndObject();
    }
}
