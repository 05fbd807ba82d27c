package io.lora4j.models.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** An exported file in ONNX Runtime. */
final class OrtClassifier implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OrtClassifier(Path file) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            session = environment.createSession(file.toString(), options);
        }
    }

    Set<String> inputs() {
        return session.getInputNames();
    }

    Set<String> outputs() {
        return session.getOutputNames();
    }

    OrtSession session() {
        return session;
    }

    /** Logits of layout, ids and types [B, T]. */
    float[][] logits(int[][][] batch) throws OrtException {
        Map<String, int[][]> values =
                Map.of("attention_mask", batch[0], "input_ids", batch[1], "token_type_ids", batch[2]);
        Map<String, OnnxTensor> tensors = new HashMap<>();
        try {
            for (String input : session.getInputNames()) {
                long[][] rows = Arrays.stream(values.get(input))
                        .map(row -> Arrays.stream(row).asLongStream().toArray())
                        .toArray(long[][]::new);
                tensors.put(input, OnnxTensor.createTensor(environment, rows));
            }
            try (OrtSession.Result result = session.run(tensors)) {
                return (float[][]) result.get(OnnxExport.LOGITS).orElseThrow().getValue();
            }
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
