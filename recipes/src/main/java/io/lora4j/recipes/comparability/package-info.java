/**
 * What must be the same before results stand in one table: data, model, budget and code.
 *
 * <p>Whoever reads a result makes an {@link io.lora4j.recipes.comparability.ResultIdentity} of its provenance; {@link
 * io.lora4j.recipes.comparability.Comparability} tells all differences of several, or refuses.
 */
@NullMarked
package io.lora4j.recipes.comparability;

import org.jspecify.annotations.NullMarked;
