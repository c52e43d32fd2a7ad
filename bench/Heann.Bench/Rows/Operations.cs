namespace Heann.Bench.Rows;

/// <summary>The names of the operations, in the order of the table.</summary>
internal static class Operations
{
    /// <summary>Of one limb, for N12 … N17.</summary>
    public static IReadOnlyList<string> Transforms { get; } = ["ntt", "intt"];

    /// <summary>Of ciphertexts and plaintexts, for S14 … S16.</summary>
    public static IReadOnlyList<string> OfSets { get; } =
    [
        "add", "multiplyPlain", "multiply", "relinearize", "rotate", "rotateHoisted", "rescale",
        "encode", "decode", "encryptPk", "encryptSk", "decrypt", "linearTransform",
    ];

    /// <summary>Those of a set: the linear transform is there for the comparison of thread counts at S15.</summary>
    public static IEnumerable<string> Of(string set) => OfSets.Where(op => op != "linearTransform" || set == "S15");

    /// <summary>Those that are measured on two threads as well, at S15.</summary>
    public static IReadOnlyList<string> OnTwoThreads { get; } = ["relinearize", "linearTransform"];

    /// <summary>All.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Transforms, .. OfSets];
}
