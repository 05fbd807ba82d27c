/**
 * LoRA on any Deeplearning4j network.
 *
 * <p>The workflow: {@link io.lora4j.network.Lora#inject} takes a trained {@code MultiLayerNetwork} or {@code ComputationGraph} and a {@link
 * io.lora4j.adapter.LoraConfig} and returns a {@link io.lora4j.network.LoraNetwork}; its {@code network()} is an ordinary network to
 * {@code fit}, evaluate and listen to, whose parameters are the adapters and the layers of {@code modulesToSave} only. {@code merge()}
 * gives a network of plain layers. Several named adapters share one base.
 *
 * <p>Layers that carry an adapter compute over a view of the base network's own parameters; every other layer with parameters runs
 * inside a {@link io.lora4j.network.FrozenWrapper}. The base's parameters are never copied and never written.
 */
@NullMarked
package io.lora4j.network;

import org.jspecify.annotations.NullMarked;
