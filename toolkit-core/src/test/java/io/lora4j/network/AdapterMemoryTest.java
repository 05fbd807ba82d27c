package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import java.lang.reflect.Field;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.deallocation.DeallocatableReference;
import org.nd4j.linalg.api.memory.deallocation.DeallocatorService;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Adapting keeps no second copy of W, no gradient of W and no optimiser state for W: counted in ND4J's allocated bytes. */
@Tag("slow")
class AdapterMemoryTest {
    private static final int WIDTH = 1024;
    private static final int LAYERS = 6;
    private static final long LAYER_BYTES = 4L * WIDTH * WIDTH;

    @Test
    void adaptingAndTrainingAllocatesLessThanOneLayersWeights() throws Exception {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .updater(new Adam(1e-3))
                .activation(Activation.RELU)
                .list();
        for (int i = 0; i < LAYERS; i++) {
            list.layer(new DenseLayer.Builder().nOut(WIDTH).build());
        }
        MultiLayerNetwork base = new MultiLayerNetwork(list.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .name("head")
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(WIDTH))
                .build());
        base.init();
        DataSet data = new DataSet(
                Nd4j.rand(8, WIDTH),
                Nd4j.create(new float[][] {{1, 0}, {0, 1}, {1, 0}, {0, 1}, {1, 0}, {0, 1}, {1, 0}, {0, 1}}));
        long before = allocated();
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(
                base,
                LoraConfig.builder()
                        .rank(4)
                        .targetKinds(LayerKind.DENSE)
                        .modulesToSave("head")
                        .build());
        for (int i = 0; i < 5; i++) {
            adapted.network().fit(data);
        }
        long grown = allocated() - before;

        assertTrue(before >= LAYERS * LAYER_BYTES, "the counter sees the base's weights: " + before);
        assertTrue(grown < LAYER_BYTES + LAYER_BYTES / 2, "grown by " + grown + " bytes");
        // Adam keeps two numbers per trainable parameter.
        assertEquals(
                2 * adapted.trainableParameters(),
                adapted.network().updaterState().length());
        assertTrue(adapted.trainableParameters() * 50 < adapted.baseParameters());
    }

    /** Bytes of ND4J's living buffers and workspaces, once garbage is gone. */
    private static long allocated() throws ReflectiveOperationException, InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(100);
            least = Math.min(least, living());
        }
        return least;
    }

    private static long living() throws ReflectiveOperationException {
        Field map = DeallocatorService.class.getDeclaredField("referenceMap");
        map.setAccessible(true);
        long bytes = 0;
        for (Object reference : ((Map<?, ?>) map.get(Nd4j.getDeallocatorService())).values()) {
            Object held = ((DeallocatableReference) reference).get();
            if (held instanceof DataBuffer buffer && !buffer.isAttached() && buffer.originalDataBuffer() == null) {
                bytes += buffer.length() * buffer.getElementSize();
            } else if (held instanceof MemoryWorkspace workspace) {
                bytes += workspace.getCurrentSize();
            }
        }
        return bytes;
    }
}
