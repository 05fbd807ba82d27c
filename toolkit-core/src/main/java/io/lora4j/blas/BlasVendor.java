package io.lora4j.blas;

import io.lora4j.error.UserException;

/** A matrix library that can be asked for. */
public enum BlasVendor {
    /** OpenBLAS, which comes with ND4J. */
    OPENBLAS("openblas", "OpenBLAS"),
    /** Intel's Math Kernel Library, which has to be on the class path and asked for when the JVM starts. */
    MKL("mkl", "Intel MKL");

    private final String word;
    private final String title;

    BlasVendor(String word, String title) {
        this.word = word;
        this.title = title;
    }

    /**
     * The vendor of a name.
     *
     * @param word {@code openblas} or {@code mkl}
     * @param where who says it, for the message, e.g. {@code --blas}
     * @return the vendor
     * @throws UserException if it is another word
     */
    public static BlasVendor named(String word, String where) {
        for (BlasVendor vendor : values()) {
            if (vendor.word.equals(word)) {
                return vendor;
            }
        }
        throw new UserException(where + " is \"" + word + "\", not openblas or mkl");
    }

    /**
     * The library's name for people.
     *
     * @return e.g. {@code Intel MKL}
     */
    public String title() {
        return title;
    }

    /** The name by which {@link #named} finds it. */
    @Override
    public String toString() {
        return word;
    }
}
