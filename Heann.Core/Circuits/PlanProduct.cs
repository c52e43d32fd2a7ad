namespace Heann.Core.Circuits;

/// <summary>One product q·x^g, or q·T_g, of a node.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Power">g ≥ 1; available at depth ⌈log2 g⌉.</param>
/// <param name="Quotient">q, of degree at least 1, one level above the node.</param>
public sealed record PlanProduct(int Power, PlanNode Quotient);
