/**
 * What a trial writes down of gradients and adapters beside its scores: for looking into a method, off by default because it costs time.
 *
 * <p>{@link io.lora4j.recipes.diagnostics.GradientSubspaces} takes the one-step gradient of every adapted layer apart, once per seed; during
 * training it tells the principal angles between an adapter and the gradient's leading directions. {@link
 * io.lora4j.recipes.diagnostics.DiagnosticsFile} is {@code diagnostics.jsonl} in a trial's folder, written line by line and read back as {@link
 * io.lora4j.recipes.diagnostics.TrialDiagnostics}. Nothing of it changes what is trained.
 */
@NullMarked
package io.lora4j.recipes.diagnostics;

import org.jspecify.annotations.NullMarked;
