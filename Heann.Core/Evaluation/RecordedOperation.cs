using System.Globalization;
using Heann.Core.Ciphertexts;

namespace Heann.Core.Evaluation;

/// <summary>One result of a circuit that was recorded.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Position">Counted from 1, in the order of the circuit.</param>
/// <param name="Name">What was done, such as "rescaling".</param>
/// <param name="Result">Level, scale, predicted error and budget afterwards.</param>
public sealed record RecordedOperation(int Position, string Name, Diagnosis Result)
{
    internal const string Product = "multiplication";

    internal const string SumOfProducts = "sum of products";

    /// <summary>Whether ciphertexts were multiplied with each other.</summary>
    public bool IsProductOfCiphertexts => Name is Product or SumOfProducts;

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Position,5} {Name,-28} level {Result.Level,2}, scale {Result.Scale,-8} {Result.PrecisionBits,5:F1} bits, budget {Result.BudgetBits:F0} bits");
}
