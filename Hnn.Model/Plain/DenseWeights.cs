namespace Hnn.Model.Plain;

/// <summary>y = W x + b, as stored: <c>NAME.weight</c> and <c>NAME.bias</c>.</summary>
/// <param name="Weight">W, row-major: (out, in).</param>
/// <param name="Bias">b. (out)</param>
internal sealed record DenseWeights(float[] Weight, float[] Bias)
{
    /// <summary>Output features.</summary>
    public int Out => Bias.Length;

    /// <summary>Input features.</summary>
    public int In => Weight.Length / Bias.Length;
}
