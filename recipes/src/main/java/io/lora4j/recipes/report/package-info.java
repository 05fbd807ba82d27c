/**
 * The report of a comparison: one HTML file that needs nothing else, and its plots as files.
 *
 * <p>{@link io.lora4j.recipes.report.HtmlReport} takes the results that {@link io.lora4j.recipes.results.RunReader} has read, and shows table,
 * learning curves, score against seconds and against rank, what the gradients look like, how adapters lie to them, parameters, and where
 * everything comes from. Its plots can be had as files as well; {@code report.css} and {@code report.js}
 * beside this package are copied into the page.
 */
@NullMarked
package io.lora4j.recipes.report;

import org.jspecify.annotations.NullMarked;
