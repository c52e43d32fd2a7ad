namespace Heann.Examples;

/// <summary>The chapters in their order.</summary>
public static class Chapters
{
    /// <summary>File name without extension → what it runs.</summary>
    public static SortedDictionary<string, Action<TextWriter>> All { get; } = new(StringComparer.Ordinal)
    {
        ["01_Encode"] = Encode.Run,
        ["02_Multiply"] = Multiply.Run,
        ["03_LevelsAndScales"] = LevelsAndScales.Run,
        ["04_Rotations"] = Rotations.Run,
        ["05_LinearTransform"] = LinearTransforms.Run,
        ["06_Polynomial"] = Polynomials.Run,
        ["07_Serialization"] = Serialization.Run,
        ["08_Planner"] = Planning.Run,
        ["09_Gpu"] = OnGpu.Run,
    };
}
