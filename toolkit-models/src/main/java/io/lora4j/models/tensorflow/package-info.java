/**
 * Import of BERT encoders that were saved by TensorFlow.
 *
 * <p>The workflow: {@link io.lora4j.models.tensorflow.SavedModelImporter} reads a SavedModel's variables (a "tensor bundle": an index that
 * is a LevelDB table, and data files), its graph for the few sizes that no variable shows, and its vocabulary, and writes the canonical
 * Hugging Face folder. Checksums of every block and every tensor are verified; nothing ever runs the graph.
 */
@NullMarked
package io.lora4j.models.tensorflow;

import org.jspecify.annotations.NullMarked;
