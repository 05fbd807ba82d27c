package io.lora4j.cli;

import io.lora4j.blas.BlasLibrary;
import io.lora4j.blas.BlasVendor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Which library computes matrix products. It cannot be changed once the JVM runs: the launcher reads the same words and starts the JVM for the
 * library; here it is only checked that the one that was asked for is the one that computes.
 */
final class BlasOption {
    private static final String VARIABLE = "LORA4J_BLAS";

    @Option(
            names = "--blas",
            paramLabel = "NAME",
            description = "Computes matrix products with openblas (the default) or mkl: Intel MKL, fetched at its first"
                    + " use (180 MB, Intel Simplified Software License). Or set " + VARIABLE + ".")
    private @Nullable String name;

    /**
     * Refuses an unknown name, and a library that was asked for but is not the one in use. Asked for nothing, it looks at nothing.
     *
     * @throws io.lora4j.error.UserException if so
     */
    void require() {
        require(name, System.getenv(VARIABLE));
    }

    static void require(@Nullable String option, @Nullable String variable) {
        if (option != null) {
            BlasLibrary.require(BlasVendor.named(option, "--blas"));
        } else if (variable != null && !variable.isBlank()) {
            BlasLibrary.require(BlasVendor.named(variable, VARIABLE));
        }
    }
}
