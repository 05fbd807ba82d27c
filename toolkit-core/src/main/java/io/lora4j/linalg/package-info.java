/** Truncated singular value decomposition and what else the initialisers need of linear algebra. */
@NullMarked
package io.lora4j.linalg;

import org.jspecify.annotations.NullMarked;
