/** Tests of LoRA on DL4J's own networks. */
@NullMarked
package io.lora4j.network;

import org.jspecify.annotations.NullMarked;
