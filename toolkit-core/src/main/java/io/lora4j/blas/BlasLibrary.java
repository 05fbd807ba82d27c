package io.lora4j.blas;

import io.lora4j.error.UserException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The matrix library that this process computes with.
 *
 * @param vendor as ND4J tells it from the functions that are loaded: {@code OPENBLAS}, {@code MKL}, {@code CUBLAS} or {@code UNKNOWN}
 * @param version what MKL says of itself, or the version of OpenBLAS's jar; null if neither can be told
 * @param threads how many threads one product may take
 * @param files the libraries' files that are mapped into this process, OpenBLAS's and MKL's; empty where the system does not tell (Linux does)
 */
public record BlasLibrary(String vendor, @Nullable String version, int threads, List<String> files) {

    private static final Pattern OPENBLAS_JAR = Pattern.compile("/openblas-([0-9.]+)[^/]*\\.jar/");
    private static final Pattern MKL_VERSION = Pattern.compile("Version ([0-9.]+)");
    private static final int MKL_VERSION_LENGTH = 198;

    /** Copies the list. */
    public BlasLibrary {
        files = List.copyOf(files);
    }

    /**
     * What is loaded; loads ND4J if it is not yet.
     *
     * @return the library at this moment: threads can be set, and LAPACK's file is mapped at its first use
     */
    public static BlasLibrary inUse() {
        var blas = Nd4j.factory().blas();
        String vendor = blas.getBlasVendor().toString();
        List<String> files = MappedLibraries.ofThisProcess();
        String version = vendor.equals(BlasVendor.MKL.name()) ? mklVersion() : openBlasVersion(files);
        return new BlasLibrary(vendor, version, blas.getMaxThreads(), files);
    }

    /**
     * Compares what is loaded with what was asked for; loads ND4J if it is not yet.
     *
     * @param asked the library to compute with
     * @throws UserException if another one, or both, would compute; the message says what to do
     */
    public static void require(BlasVendor asked) {
        inUse().check(asked);
    }

    /** The check of {@link #require}. */
    void check(BlasVendor asked) {
        if (!vendor.equals(asked.name())) {
            throw new UserException(
                    asked.title() + " was asked for, but matrix products are computed by " + vendor + whatToDo(asked));
        }
        for (String file : files) {
            if (!MappedLibraries.belongsTo(asked, file)) {
                throw new UserException(
                        asked.title() + " was asked for, but " + file + " is loaded too" + whatToDo(asked));
            }
        }
    }

    private static String whatToDo(BlasVendor asked) {
        return switch (asked) {
            case OPENBLAS -> ": start the JVM without -Dorg.bytedeco.openblas.load, with ND4J's backend for CPUs";
            case MKL ->
                ": start the program by ./lora4j --blas mkl, which fetches MKL; or have org.bytedeco:mkl with its two"
                        + " linux-x86_64 jars on the class path and start the JVM with"
                        + " -Dorg.bytedeco.openblas.load=mkl_rt and a -Dorg.bytedeco.javacpp.cachedir of its own";
        };
    }

    /** OpenBLAS's bindings have no function that tells; the file lies in a folder that is named after its jar. */
    private static @Nullable String openBlasVersion(List<String> files) {
        for (String file : files) {
            Matcher matcher = OPENBLAS_JAR.matcher(file);
            if (matcher.find()) {
                return matcher.group(1);
            }
        }
        return null;
    }

    /**
     * The processor whose kernels OpenBLAS was told to take instead of choosing by itself: they need not be those of this processor, and the
     * speed differs by half.
     *
     * @return the variable {@code OPENBLAS_CORETYPE}, such as {@code Haswell} (AVX2) or {@code SkylakeX} (AVX-512); null if it is not set, and
     *     for other libraries, which choose for themselves
     */
    public @Nullable String coreType() {
        String told = System.getenv("OPENBLAS_CORETYPE");
        return vendor.equals(BlasVendor.OPENBLAS.name()) && told != null && !told.isBlank() ? told : null;
    }

    /** By reflection: MKL's classes are there only if MKL was asked for. */
    private static @Nullable String mklVersion() {
        byte[] text = new byte[MKL_VERSION_LENGTH];
        try {
            Class.forName("org.bytedeco.mkl.global.mkl_rt")
                    .getMethod("MKL_Get_Version_String", byte[].class, int.class)
                    .invoke(null, text, text.length);
        } catch (ReflectiveOperationException | LinkageError e) {
            return null; // an MKL of the system's own, without the bindings
        }
        Matcher matcher = MKL_VERSION.matcher(new String(text, StandardCharsets.US_ASCII));
        return matcher.find() ? matcher.group(1) : null;
    }
}
