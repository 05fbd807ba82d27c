/** Tests of the hub's client against a server on this machine that behaves like the hub. */
@NullMarked
package io.lora4j.models.hub;

import org.jspecify.annotations.NullMarked;
