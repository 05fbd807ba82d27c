/** Tests of the ONNX importer. */
@NullMarked
package io.lora4j.models.onnx;

import org.jspecify.annotations.NullMarked;
