namespace Heann.Gpu.Direct3D;

/// <summary>What <see cref="ElementwiseShader"/> does; the numbers are its own.</summary>
internal enum ElementwiseOperation
{
    Add,
    Subtract,
    Negate,
    Multiply,
    MultiplyAdd,
    Copy,
    Clear,
}
