/** Tests of trees of files, and sources in memory for other tests. */
@NullMarked
package io.lora4j.models.source;

import org.jspecify.annotations.NullMarked;
