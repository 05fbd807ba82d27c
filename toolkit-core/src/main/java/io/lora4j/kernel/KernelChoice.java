package io.lora4j.kernel;

import io.lora4j.error.UserException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/** Which kernels this process computes with. */
final class KernelChoice {
    static final String VARIABLE = "LORA4J_KERNELS";
    private static final String MODULE = "jdk.incubator.vector";
    private static final String VECTOR_KERNELS = "io.lora4j.kernel.vector.VectorKernels";

    private static final String VECTOR_LOW_RANK = "io.lora4j.kernel.vector.VectorLowRank";

    private static final String VECTOR_OPTIMIZER = "io.lora4j.kernel.vector.VectorOptimizer";

    static final EncoderKernels CHOSEN = choose(System.getenv(VARIABLE));
    static final LowRankKernels LOW_RANK = lowRank(CHOSEN);
    static final OptimizerKernels OPTIMIZER = optimizer(CHOSEN);

    private KernelChoice() {}

    /**
     * @param wish the variable's value, or null
     */
    static EncoderKernels choose(@Nullable String wish) {
        boolean cpu = Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU;
        boolean module = ModuleLayer.boot().findModule(MODULE).isPresent();
        return switch (wish == null || wish.isBlank() ? "auto" : wish) {
            case "auto" -> cpu && module ? vectorKernels() : Nd4jKernels.INSTANCE;
            case "nd4j" -> Nd4jKernels.INSTANCE;
            case "vector" -> {
                if (!cpu) {
                    throw new UserException(
                            VARIABLE + "=vector computes on a CPU, ND4J's backend is not one: unset it");
                }
                if (!module) {
                    throw new UserException(
                            VARIABLE + "=vector needs a JVM started with --add-modules " + MODULE + ", or unset it");
                }
                yield vectorKernels();
            }
            default -> throw new UserException(VARIABLE + " is \"" + wish + "\", not auto, vector or nd4j");
        };
    }

    /** What belongs to chosen kernels. */
    static LowRankKernels lowRank(EncoderKernels kernels) {
        return kernels == Nd4jKernels.INSTANCE ? Nd4jLowRank.INSTANCE : load(VECTOR_LOW_RANK, LowRankKernels.class);
    }

    /** What belongs to chosen kernels. */
    static OptimizerKernels optimizer(EncoderKernels kernels) {
        return kernels == Nd4jKernels.INSTANCE
                ? Nd4jOptimizer.INSTANCE
                : load(VECTOR_OPTIMIZER, OptimizerKernels.class);
    }

    private static EncoderKernels vectorKernels() {
        return load(VECTOR_KERNELS, EncoderKernels.class);
    }

    /** By name: the classes cannot be loaded, or even compiled, without the module. */
    private static <T> T load(String name, Class<T> type) {
        try {
            return Class.forName(name).asSubclass(type).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IllegalStateException("cannot load " + name, e);
        }
    }
}
