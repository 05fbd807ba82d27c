package io.lora4j.optim;

import io.lora4j.error.DivergedException;
import io.lora4j.linalg.SymmetricEigen;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The two factors of one adapter and their gradients, all views of the graph's own arrays: writing them changes the graph. Factors are
 * paired by their layer, as PEFT's optimisers pair them by name; parameters of other names are never part of a pair.
 *
 * @param name the layer's (vertex's) name
 * @param layer the layer
 * @param a A, [in, r]
 * @param b B, [r, out]
 * @param gradA dL/dA, [in, r]
 * @param gradB dL/dB, [r, out]
 */
record FactorPair(String name, Layer layer, INDArray a, INDArray b, INDArray gradA, INDArray gradB) {
    /** All pairs of a graph whose gradient was computed, in the graph's order. */
    static List<FactorPair> of(ComputationGraph graph) {
        List<FactorPair> pairs = new ArrayList<>();
        for (GraphVertex vertex : graph.getVertices()) {
            if (!vertex.hasLayer() || vertex.numParams() == 0) {
                continue;
            }
            Map<String, INDArray> table = vertex.getLayer().paramTable(false);
            INDArray a = table.get(ParameterGroups.LORA_A);
            INDArray b = table.get(ParameterGroups.LORA_B);
            if (a != null && b != null) {
                String name = vertex.getVertexName();
                pairs.add(new FactorPair(
                        name,
                        vertex.getLayer(),
                        a,
                        b,
                        gradient(graph, name, ParameterGroups.LORA_A),
                        gradient(graph, name, ParameterGroups.LORA_B)));
            }
        }
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("the graph has no adapter whose factors could be paired");
        }
        return pairs;
    }

    private static INDArray gradient(ComputationGraph graph, String layer, String param) {
        INDArray gradient = graph.gradient().getGradientFor(layer + "_" + param);
        if (gradient == null) {
            throw new IllegalStateException("layer " + layer + " has no gradient of " + param);
        }
        return gradient;
    }

    /** The factor s of y = x (W + s A B). */
    double scale() {
        if (layer.conf().getLayer() instanceof ScaledFactors factors) {
            return factors.scale();
        }
        throw new IllegalArgumentException("layer " + name + " does not say by what its adapter is scaled");
    }

    /** A^T A, [r, r], decomposed in float64. */
    SymmetricEigen gramOfA(long step) {
        INDArray x = a.castTo(DataType.DOUBLE);
        return eigen(x.transpose().mmul(x), "A", step);
    }

    /** B B^T, [r, r], decomposed in float64. */
    SymmetricEigen gramOfB(long step) {
        INDArray x = b.castTo(DataType.DOUBLE);
        return eigen(x.mmul(x.transpose()), "B", step);
    }

    private SymmetricEigen eigen(INDArray gram, String factor, long step) {
        try {
            return SymmetricEigen.of(gram);
        } catch (ArithmeticException e) {
            throw new DivergedException(
                    name, step + 1, "the Gram matrix of " + factor + " cannot be inverted: " + e.getMessage());
        }
    }

    /** The learning rate of a factor at a step, from its own updater. */
    double learningRate(String param, long step, int epoch) {
        return layer.conf().getLayer().getUpdaterByParam(param).getLearningRate((int) step, epoch);
    }

    /** The coefficient of a factor's decoupled weight decay; 0 if it has none. */
    double weightDecay(String param, long step, int epoch) {
        @Nullable List<Regularization> all = layer.conf().getLayer().getRegularizationByParam(param);
        double coefficient = 0;
        for (Regularization regularization : all == null ? List.<Regularization>of() : all) {
            if (!(regularization instanceof DecoupledWeightDecay decay)) {
                throw new IllegalArgumentException(
                        "layer " + name + ": this optimiser steps the factors itself and knows"
                                + " decoupled weight decay only, not "
                                + regularization.getClass().getSimpleName());
            }
            coefficient += decay.coefficient((int) step, epoch);
        }
        return coefficient;
    }

    /** Overwrites a view with values of any floating-point type. */
    static void write(INDArray view, INDArray values) {
        view.assign(values.castTo(view.dataType()));
    }
}
