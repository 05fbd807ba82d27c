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

    static final EncoderKernels CHOSEN = choose(System.getenv(VARIABLE));

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

    /** By name: the class cannot be loaded, or even compiled, without the module. */
    private static EncoderKernels vectorKernels() {
        try {
            return Class.forName(VECTOR_KERNELS)
                    .asSubclass(EncoderKernels.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IllegalStateException("cannot load " + VECTOR_KERNELS, e);
        }
    }
}
