package io.lora4j.models.checkpoint;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The element types a safetensors file can name, with their size and, where there is one, ND4J's type of the same bytes.
 *
 * <p>Source: the format's own list, {@code Dtype} in huggingface/safetensors {@code safetensors/src/tensor.rs}. Its types
 * narrower than a byte (F4, F6_*) are left out: no encoder checkpoint uses them and they are refused as unknown.
 */
public enum TensorType {
    /** Truth values, one byte each. */
    BOOL(1, DataType.BOOL),
    /** Unsigned 8-bit integers. */
    U8(1, DataType.UINT8),
    /** Signed 8-bit integers. */
    I8(1, DataType.INT8),
    /** 8-bit floats with 5 exponent bits; ND4J has no such type. */
    F8_E5M2(1, null),
    /** 8-bit floats with 4 exponent bits; ND4J has no such type. */
    F8_E4M3(1, null),
    /** 8-bit exponents; ND4J has no such type. */
    F8_E8M0(1, null),
    /** Signed 16-bit integers. */
    I16(2, DataType.INT16),
    /** Unsigned 16-bit integers. */
    U16(2, DataType.UINT16),
    /** IEEE half precision. */
    F16(2, DataType.FLOAT16),
    /** The upper half of a 32-bit float. */
    BF16(2, DataType.BFLOAT16),
    /** Signed 32-bit integers. */
    I32(4, DataType.INT32),
    /** Unsigned 32-bit integers. */
    U32(4, DataType.UINT32),
    /** IEEE single precision. */
    F32(4, DataType.FLOAT),
    /** IEEE double precision. */
    F64(8, DataType.DOUBLE),
    /** Signed 64-bit integers. */
    I64(8, DataType.INT64),
    /** Unsigned 64-bit integers. */
    U64(8, DataType.UINT64),
    /** Pairs of 32-bit floats; ND4J has no such type. */
    C64(8, null);

    private final int bytes;
    private final @Nullable DataType dataType;

    TensorType(int bytes, @Nullable DataType dataType) {
        this.bytes = bytes;
        this.dataType = dataType;
    }

    /**
     * The type of a header's {@code dtype} string.
     *
     * @param name the string as it stands in the header
     * @return the type, or null if there is none of that name
     */
    static @Nullable TensorType find(String name) {
        for (TensorType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        return null;
    }

    /**
     * The type in which an array of ND4J is written.
     *
     * @param type ND4J's type
     * @return the safetensors type with the same bytes
     * @throws IllegalArgumentException if the format has none (strings)
     */
    static TensorType of(DataType type) {
        for (TensorType candidate : values()) {
            if (candidate.dataType == type) {
                return candidate;
            }
        }
        throw new IllegalArgumentException("safetensors cannot hold arrays of type " + type);
    }

    /**
     * Size of one element.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * ND4J's type of the same bytes.
     *
     * @return the type, or null where ND4J has none
     */
    public @Nullable DataType dataType() {
        return dataType;
    }

    /**
     * Whether weights can be stored in this type and read by this project.
     *
     * @return true for F64, F32, F16 and BF16
     */
    public boolean isFloatingPoint() {
        return dataType != null && dataType.isFPType();
    }
}
