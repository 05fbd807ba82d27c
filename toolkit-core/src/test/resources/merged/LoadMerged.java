import java.io.File;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Run in a JVM without LoRA4J: kind, model, input, expected output; exits with 0 if the output is the same. */
public final class LoadMerged {
    public static void main(String[] args) throws Exception {
        try {
            Class.forName("io.lora4j.network.Lora");
            System.exit(3);
        } catch (ClassNotFoundException expected) {
            // This is the point.
        }
        INDArray input = Nd4j.readBinary(new File(args[2]));
        INDArray expected = Nd4j.readBinary(new File(args[3]));
        File model = new File(args[1]);
        INDArray output = "graph".equals(args[0])
                ? ModelSerializer.restoreComputationGraph(model).outputSingle(input)
                : ModelSerializer.restoreMultiLayerNetwork(model).output(input);
        System.exit(output.sub(expected).amaxNumber().doubleValue() <= 1e-6 ? 0 : 4);
    }
}
