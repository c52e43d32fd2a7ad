namespace Heann.Core.Circuits;

/// <summary>How one power is made of two earlier ones: x^k = x^a·x^b, or T_k = 2·T_a·T_b − T_|a−b|, with k = a + b.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Index">k ≥ 2.</param>
/// <param name="Left">a ≥ b.</param>
/// <param name="Right">b ≥ 1; a = b is a squaring.</param>
/// <param name="Difference">a − b in the Chebyshev basis, where 0 stands for the constant T_0 = 1; −1 in the power basis: nothing
/// to subtract.</param>
/// <param name="Depth">⌈log2 k⌉: levels below the variable at which the power is available. Its operands are at depth at most
/// <paramref name="Depth"/> − 1.</param>
public readonly record struct PowerStep(int Index, int Left, int Right, int Difference, int Depth)
{
    /// <summary>True if a = b.</summary>
    public bool IsSquare => Left == Right;
}
