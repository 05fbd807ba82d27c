/** Tests of the model cache. */
@NullMarked
package io.lora4j.models;

import org.jspecify.annotations.NullMarked;
