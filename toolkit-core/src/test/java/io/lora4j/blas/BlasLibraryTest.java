package io.lora4j.blas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The build says with a property which library it runs the tests with: OpenBLAS, or with the profile mkl MKL. */
class BlasLibraryTest {
    private static final BlasVendor EXPECTED =
            BlasVendor.named(System.getProperty("lora4j.blas", "openblas"), "lora4j.blas");
    private static final BlasVendor OTHER = EXPECTED == BlasVendor.MKL ? BlasVendor.OPENBLAS : BlasVendor.MKL;

    private static final String CACHE = "/home/u/.javacpp/cache/";
    private static final String OPENBLAS = CACHE + "openblas-0.3.19-1.5.7-linux-x86_64.jar/org/bytedeco/openblas/x/";
    private static final String MKL = CACHE + "mkl-2022.0-1.5.7-linux-x86_64-redist.jar/org/bytedeco/mkl/x/";

    /** A product and LAPACK, so that everything ND4J loads late is loaded. */
    private static void compute() {
        INDArray x = Nd4j.rand(DataType.DOUBLE, 9, 9);
        x.mmul(x);
        INDArray u = Nd4j.create(DataType.DOUBLE, new long[] {9, 9}, 'f');
        INDArray vt = Nd4j.create(DataType.DOUBLE, new long[] {9, 9}, 'f');
        Nd4j.getBlasWrapper().lapack().gesvd(x.dup('f'), Nd4j.create(DataType.DOUBLE, 9), u, vt);
    }

    @Test
    void whatTheBuildAskedForComputesEverything() {
        compute();
        BlasLibrary.require(EXPECTED);
        BlasLibrary found = BlasLibrary.inUse();
        assertEquals(EXPECTED.name(), found.vendor());
        assertTrue(found.threads() >= 1, found::toString);
        String message = assertThrows(UserException.class, () -> BlasLibrary.require(OTHER))
                .getMessage();
        assertTrue(message.startsWith(OTHER.title() + " was asked for, but matrix products are computed by "), message);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void linuxTellsFileAndVersion() {
        compute();
        BlasLibrary found = BlasLibrary.inUse();
        assertFalse(found.files().isEmpty());
        assertNotNull(found.version());
        assertTrue(found.version().matches(EXPECTED == BlasVendor.MKL ? "20[0-9.]+" : "0\\.[0-9.]+"), found::toString);
    }

    @Test
    void mappedFilesAreReadWithoutBindingsAndInnerLibraries() {
        String maps = "7f00-7f01 r-xp 00000000 fe:00 12  " + OPENBLAS + "libopenblas_nolapack.so.0\n"
                + "7f01-7f02 rw-p 00001000 fe:00 12  " + OPENBLAS + "libopenblas_nolapack.so.0\n"
                + "7f02-7f03 r-xp 00000000 fe:00 13  " + OPENBLAS + "libjniopenblas.so\n"
                + "7f03-7f04 r-xp 00000000 fe:00 14  " + MKL + "libmkl_core.so.2\n"
                + "7f04-7f05 r-xp 00000000 fe:00 15  " + MKL + "libmkl_rt.so.2\n"
                + "7f05-7f06 rw-p 00000000 00:00 0\n";
        assertEquals(List.of(MKL + "libmkl_rt.so.2", OPENBLAS + "libopenblas_nolapack.so.0"), MappedLibraries.in(maps));
    }

    private static BlasLibrary library(String vendor, List<String> files) {
        return new BlasLibrary(vendor, null, 1, files);
    }

    @Test
    void bothLibrariesInOneProcessAreRefused() {
        List<String> mixed = List.of(MKL + "libmkl_rt.so.2", MKL + "libopenblas.so.0", OPENBLAS + "libopenblas.so.0");
        library("MKL", mixed.subList(0, 2)).check(BlasVendor.MKL);
        library("OPENBLAS", mixed.subList(2, 3)).check(BlasVendor.OPENBLAS);
        for (BlasVendor asked : BlasVendor.values()) {
            String message = assertThrows(UserException.class, () -> library(asked.name(), mixed)
                            .check(asked))
                    .getMessage();
            assertTrue(message.contains(" is loaded too"), message);
        }
    }

    @Test
    void anUnknownNameIsRefused() {
        String message = assertThrows(UserException.class, () -> BlasVendor.named("atlas", "--blas"))
                .getMessage();
        assertEquals("--blas is \"atlas\", not openblas or mkl", message);
    }
}
