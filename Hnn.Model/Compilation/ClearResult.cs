namespace Hnn.Model.Compilation;

/// <summary>A sentence evaluated in the clear.</summary>
/// <param name="SoftArgmax">y with the exact sigmoid.</param>
/// <param name="TwinSoftArgmax">y with the polynomial that ciphertexts see.</param>
/// <param name="Argument">(logit_1 − logit_0)/T, what the sigmoid is taken of.</param>
/// <param name="IsInRange">Whether the argument lies in the polynomial's interval.</param>
public sealed record ClearResult(double SoftArgmax, double TwinSoftArgmax, double Argument, bool IsInRange);
