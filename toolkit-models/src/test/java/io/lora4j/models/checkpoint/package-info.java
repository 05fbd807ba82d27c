/** Tests of reading and writing checkpoints. */
@NullMarked
package io.lora4j.models.checkpoint;

import org.jspecify.annotations.NullMarked;
