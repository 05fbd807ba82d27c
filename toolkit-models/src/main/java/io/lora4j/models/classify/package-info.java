/**
 * Trained classifiers in use: text in, label and probability out; or a number, where the head was trained to say one.
 *
 * <p>{@link io.lora4j.models.classify.TextClassifier#load} puts an adapter over its base, merges it, and {@code predict} tokenises,
 * batches and computes. {@link io.lora4j.models.classify.ClassifierInfo} is what an adapter folder says about labels, pooling and length.
 */
@NullMarked
package io.lora4j.models.classify;

import org.jspecify.annotations.NullMarked;
