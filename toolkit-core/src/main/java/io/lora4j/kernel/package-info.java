/** The encoder's element-wise and attention mathematics behind one interface; the ND4J form runs on every backend. */
@NullMarked
package io.lora4j.kernel;

import org.jspecify.annotations.NullMarked;
