/**
 * Several threads through one model at a time, each with its own examples of a batch.
 *
 * <p>Workflow: {@link io.lora4j.parallel.GraphTwins} makes twins of a graph that share its parameters and frozen arrays; a batch is cut
 * into parts of about equal cost ({@link io.lora4j.parallel.ExampleCost}), every twin computes one on a thread of its own, and the parts' gradients
 * are added up in the parts' order. Nobody waits for anybody before the end of the pass, so there are no barriers inside a
 * matrix product and nothing is computed by one thread while the others look on. What listens inside the graphs and sums into one place takes turns
 * ({@link io.lora4j.parallel.GraphTwins#inOrder}).
 */
@NullMarked
package io.lora4j.parallel;

import org.jspecify.annotations.NullMarked;
