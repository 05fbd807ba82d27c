/** The full-batch gradient of frozen weights: a hook that listens while a network runs backward and keeps only its targets' sums. */
@NullMarked
package io.lora4j.gradient;

import org.jspecify.annotations.NullMarked;
