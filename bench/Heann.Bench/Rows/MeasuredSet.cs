using Heann.Core;
using Heann.Core.Parameters;

namespace Heann.Bench.Rows;

/// <summary>A parameter set of the table. The secure forms: 128 bits by eprint 2024/463, 9, 19 and 31 data primes at a scale of 2^40.</summary>
/// <param name="Name">S14, S15 or S16.</param>
/// <param name="Parameters">The set.</param>
internal sealed record MeasuredSet(string Name, CkksParameters Parameters)
{
    /// <summary>Rotations for which there are keys: for the hoisted ones and the baby and giant steps of the linear transform.</summary>
    public static readonly int[] Rotations = [1, 2, 3, 4, 5];

    /// <summary>All sets.</summary>
    public static IReadOnlyList<string> Names { get; } = ["S14", "S15", "S16"];

    /// <summary>The set of a name.</summary>
    public static MeasuredSet Create(string name) => new(name, name switch
    {
        "S14" => ParameterPresets.N14L8Dnum9,
        "S15" => ParameterPresets.N15L18Dnum10,
        "S16" => ParameterPresets.N16L30Dnum3,
        _ => throw new ArgumentException($"There is no set {name}; there are {string.Join(", ", Names)}."),
    });

    /// <summary>A set of the same kind that is too small to be secure: calls on it are short, and let the runtime compile everything.</summary>
    public static MeasuredSet CreateSmall() =>
        new("small", CkksParameters.CreateInsecure(10, [46, .. Enumerable.Repeat(40, 6)], [50, 50], 4, Scale.FromLog2(40)));

    /// <summary>In words.</summary>
    public override string ToString() =>
        $"{Name}: N = 2^{Parameters.LogN}, {Parameters.BasisQ.Count} primes, log QP = {Parameters.BasisQP.Log2:F0}, "
        + $"{Parameters.BasisP.Count} special, dnum {Parameters.DigitCount}";
}
