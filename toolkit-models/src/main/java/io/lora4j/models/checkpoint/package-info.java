/**
 * Checkpoints on disk: safetensors files and the Hugging Face folder, the one canonical form of a pre-trained model.
 *
 * <p>The workflow: importers ({@link io.lora4j.models.onnx}) write a folder of {@code config.json}, {@code
 * model.safetensors} and {@code tokenizer.json} once; {@link io.lora4j.models.checkpoint.HuggingFaceFolder} reads such
 * folders into {@link io.lora4j.adapter.FrozenWeights}. A file is checked completely, header against size, before
 * anything of its data is mapped or allocated, so a damaged file ends as one {@link io.lora4j.error.FormatException}
 * that names the file, the tensor and the byte offset.
 *
 * <p>On disk everything has PyTorch's orientation (linear weights [out, in], row-major); in memory everything has this
 * project's ([in, out]). {@link io.lora4j.models.checkpoint.SafetensorsFile} and {@link
 * io.lora4j.models.checkpoint.SafetensorsWriter} know nothing of that: they move arrays as they are.
 */
@NullMarked
package io.lora4j.models.checkpoint;

import org.jspecify.annotations.NullMarked;
