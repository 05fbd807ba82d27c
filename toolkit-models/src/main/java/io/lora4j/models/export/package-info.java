/**
 * Trained classifiers as whole models in other programs' formats, with the adapter merged in.
 *
 * <p>A {@link io.lora4j.models.classify.LoadedAdapter} goes in; {@link io.lora4j.models.export.HuggingFaceExport} writes a folder that
 * transformers loads, {@link io.lora4j.models.export.Dl4jExport} a DL4J model file, {@link io.lora4j.models.export.OnnxExport} an ONNX file
 * (one emitter per kind of vertex, in {@code OnnxEmitters}). Each reads back what it wrote and tells in an {@link
 * io.lora4j.models.export.ExportCheck} what was compared and how far it was apart; nothing half-written ever stands under the final name.
 */
@NullMarked
package io.lora4j.models.export;

import org.jspecify.annotations.NullMarked;
