package io.lora4j.adapter;

/**
 * A layer that could carry an adapter.
 *
 * @param kind what it is
 * @param in rows of its matrix
 * @param out columns of its matrix
 */
public record Adaptable(LayerKind kind, long in, long out) {}
