namespace Heann.Core.Circuits;

/// <summary>One rescaling of a plan: c_0 + Σ_k c_k·T_k + Σ_j q_j·T_(g_j), everything multiplied at one level and rescaled once.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Depth">D ≥ 1: levels below the variable at which the result stands. Every operand is brought to depth D − 1 and
/// there is one rescaling.</param>
/// <param name="Constant">c_0, added before the rescaling; may be 0.</param>
/// <param name="Terms">Products with plaintext constants, ascending by power.</param>
/// <param name="Products">Products of two ciphertexts, descending by power; they share one relinearisation.</param>
public sealed record PlanNode(int Depth, double Constant, IReadOnlyList<PlanTerm> Terms, IReadOnlyList<PlanProduct> Products);
