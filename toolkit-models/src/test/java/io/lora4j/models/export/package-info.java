/** Tests of whole models in other programs' formats. */
@NullMarked
package io.lora4j.models.export;

import org.jspecify.annotations.NullMarked;
