namespace Heann.Core.Circuits;

/// <summary>One term c·x^k, or c·T_k, of a linear combination.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Power">k ≥ 1; available at depth ⌈log2 k⌉.</param>
/// <param name="Coefficient">c ≠ 0.</param>
public readonly record struct PlanTerm(int Power, double Coefficient);
