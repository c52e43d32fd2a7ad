namespace Hnn.Model.Weights;

/// <summary>Element types of stored tensors. Those of floating point can be read, each value exact as a <see cref="float"/>.</summary>
public enum TensorType
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    F32,

    /// <summary>IEEE 754 binary16, 2 bytes: 1 sign, 5 exponent, 10 fraction bits.</summary>
    F16,

    /// <summary>bfloat16, 2 bytes: the upper half of a binary32.</summary>
    BF16,

    /// <summary>Signed integers of 8 bytes: listed, so that a file may hold them, but never read as weights.</summary>
    I64,
}
