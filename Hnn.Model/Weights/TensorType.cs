namespace Hnn.Model.Weights;

/// <summary>Element types of stored tensors that can be read; each value is exact as a <see cref="float"/>.</summary>
public enum TensorType
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    F32,

    /// <summary>IEEE 754 binary16, 2 bytes: 1 sign, 5 exponent, 10 fraction bits.</summary>
    F16,

    /// <summary>bfloat16, 2 bytes: the upper half of a binary32.</summary>
    BF16,
}
