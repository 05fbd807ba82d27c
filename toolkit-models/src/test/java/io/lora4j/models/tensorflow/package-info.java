/** Tests of the TensorFlow importer. */
@NullMarked
package io.lora4j.models.tensorflow;

import org.jspecify.annotations.NullMarked;
