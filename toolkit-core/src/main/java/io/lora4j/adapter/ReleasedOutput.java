package io.lora4j.adapter;

/**
 * A layer or vertex that does not look at its output again once it has handed it on: its backward pass works from its input and from what it
 * keeps beside the output, and nothing else holds the array.
 *
 * <p>The only reader of such an output may write over it, and so spare an array of that size until the backward pass.
 */
public interface ReleasedOutput {}
