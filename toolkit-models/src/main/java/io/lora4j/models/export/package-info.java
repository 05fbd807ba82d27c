/**
 * Trained classifiers as whole models in other programs' formats, with the adapter merged in.
 *
 * <p>A {@link io.lora4j.models.classify.LoadedAdapter} goes in; {@link io.lora4j.models.export.HuggingFaceExport} writes a folder that
 * transformers loads, {@link io.lora4j.models.export.Dl4jExport} a DL4J model file. Each reads back what it wrote and tells how far its
 * outputs are from the adapter's; nothing half-written ever stands under the final name.
 */
@NullMarked
package io.lora4j.models.export;

import org.jspecify.annotations.NullMarked;
