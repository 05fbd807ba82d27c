package io.lora4j.adapter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Lays A [in, r] and B [r, out], both in 'f' order, into the flat parameter vector: A first, then B, then DoRA's magnitude [1, out] where
 * the layer has that form. The magnitude is NaN until frozen weights are bound for the first time, which gives it its start. To DL4J it
 * counts as a bias: it is a vector.
 *
 * <p>A fresh A is Kaiming-uniform with a = sqrt(5), that is U(-1/sqrt(in), 1/sqrt(in)), and B is zero (PEFT, lora/layer.py,
 * reset_lora_parameters); over an embedding A is zero and B is N(0, 1) (the same place). The keys hold no underscore because DL4J's updater splits {@code layer_param} at the last one.
 */
public final class LoraParamInitializer implements ParamInitializer {
    /** Key of A. */
    public static final String LORA_A = "loraA";
    /** Key of B. */
    public static final String LORA_B = "loraB";
    /** Key of DoRA's magnitude m. */
    public static final String LORA_MAGNITUDE = "loraMagnitude";

    /** The one instance; it has no state. */
    static final LoraParamInitializer INSTANCE = new LoraParamInitializer();

    private LoraParamInitializer() {}

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        LoraLinear lora = (LoraLinear) layer;
        return lora.getRank() * (lora.getNIn() + lora.getNOut()) + (hasMagnitude(lora) ? lora.getNOut() : 0);
    }

    private static boolean hasMagnitude(Layer layer) {
        return ((LoraLinear) layer).getWeightForm() == WeightForm.DORA;
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return hasMagnitude(layer) ? List.of(LORA_A, LORA_B, LORA_MAGNITUDE) : weightKeys(layer);
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return List.of(LORA_A, LORA_B);
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return hasMagnitude(layer) ? List.of(LORA_MAGNITUDE) : List.of();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return LORA_A.equals(key) || LORA_B.equals(key);
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return LORA_MAGNITUDE.equals(key);
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
        Factors factors = split(conf, paramsView);
        if (initializeParams) {
            start(factors, ((LoraLinear) conf.getLayer()).startsWithZeroA());
        }
        paramKeys(conf.getLayer()).forEach(conf::addVariable);
        return factors.table();
    }

    private static void start(Factors factors, boolean zeroA) {
        INDArray a = factors.a();
        INDArray b = factors.b();
        if (zeroA) {
            a.assign(0.0);
            b.assign(Nd4j.randn(b.dataType(), b.shape()));
        } else {
            double bound = 1.0 / Math.sqrt((double) a.size(0));
            a.assign(Nd4j.rand(a.dataType(), a.shape()).subi(0.5).muli(2 * bound));
            b.assign(0.0);
        }
        INDArray magnitude = factors.magnitude();
        if (magnitude != null) {
            magnitude.assign(Double.NaN);
        }
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray gradientView) {
        return split(conf, gradientView).table();
    }

    private record Factors(INDArray a, INDArray b, @Nullable INDArray magnitude) {
        Map<String, INDArray> table() {
            Map<String, INDArray> table = new LinkedHashMap<>();
            table.put(LORA_A, a);
            table.put(LORA_B, b);
            if (magnitude != null) {
                table.put(LORA_MAGNITUDE, magnitude);
            }
            return Collections.synchronizedMap(table);
        }
    }

    private static Factors split(NeuralNetConfiguration conf, INDArray view) {
        LoraLinear lora = (LoraLinear) conf.getLayer();
        long in = lora.getNIn();
        long out = lora.getNOut();
        long rank = lora.getRank();
        // The view may have rank 1 or 2, depending on the network class: only a flat one can be cut by one index.
        INDArray flat = view.reshape(view.length());
        long endOfB = rank * (in + out);
        INDArray a = flat.get(NDArrayIndex.interval(0, in * rank)).reshape('f', in, rank);
        INDArray b = flat.get(NDArrayIndex.interval(in * rank, endOfB)).reshape('f', rank, out);
        INDArray magnitude = hasMagnitude(lora)
                ? flat.get(NDArrayIndex.interval(endOfB, endOfB + out)).reshape('f', 1, out)
                : null;
        return new Factors(a, b, magnitude);
    }
}
