/**
 * Import of encoders that were exported to ONNX.
 *
 * <p>{@link io.lora4j.models.onnx.OnnxBertImporter} reads weights and sizes out of the graph once and writes the canonical Hugging
 * Face folder; nothing ever runs the graph itself. The protobuf classes are those that ND4J ships (package {@code onnx}).
 */
@NullMarked
package io.lora4j.models.onnx;

import org.jspecify.annotations.NullMarked;
