/**
 * The generator of the bundled data set.
 *
 * <p>Three text files beside the data hold its grammar: {@code lexicon.txt} lists words, most of them reserved for training or
 * for evaluation rows; {@code acceptability.txt}, {@code sentiment.txt} and {@code paraphrase.txt} hold frames, pairs of
 * templates that differ in their label and share their words. {@link io.lora4j.datasets.bundled.BundledDataGenerator} draws
 * rows from them with a fixed seed; a test holds the committed files to what it writes.
 */
@NullMarked
package io.lora4j.datasets.bundled;

import org.jspecify.annotations.NullMarked;
