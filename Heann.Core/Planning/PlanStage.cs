using System.Globalization;
using Heann.Core.Ciphertexts;

namespace Heann.Core.Planning;

/// <summary>A named stage that a circuit announced.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Name">The name.</param>
/// <param name="Position">Operations done until then.</param>
/// <param name="Result">Level, scale, predicted error and budget of the stage's result.</param>
public sealed record PlanStage(string Name, int Position, Diagnosis Result)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}: after operation {Position}, level {Result.Level}, scale {Result.Scale}, {Result.PrecisionBits:F1} bits, budget {Result.BudgetBits:F0} bits");
}
