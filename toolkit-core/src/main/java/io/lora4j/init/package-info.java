/**
 * What the adapter's factors A and B are before the first optimiser step.
 *
 * <p>An {@link io.lora4j.init.AdapterInitializer} is a pure function of one layer: frozen weight, gradient and moments of
 * the inputs (if it asks for them), rank, scaling and a random stream in; factors, an optional shift of the frozen weight and a {@link
 * io.lora4j.init.LayerInitReport} out. It never trains, never looks at another layer, and never falls back to another
 * initialiser without saying so in the report.
 */
@NullMarked
package io.lora4j.init;

import org.jspecify.annotations.NullMarked;
