package io.lora4j.network;

import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One layer or vertex of a network and its part of the network's parameters.
 *
 * @param name the layer's or vertex's name
 * @param layer its configuration; null for a vertex that is not a layer
 * @param params a view [n] of the network's flat parameters; null if it has none
 */
record Slot(String name, @Nullable Layer layer, @Nullable INDArray params) {}
