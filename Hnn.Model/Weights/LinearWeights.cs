namespace Hnn.Model.Weights;

/// <summary>A linear layer y = W x + m b: W is (out, in), b is (out), and m the mask channel (1 on a real token, 0 on padding).</summary>
public sealed class LinearWeights
{
    /// <summary>Wraps the values of a layer.</summary>
    /// <param name="weight">W, row-major, <paramref name="outCount"/> · <paramref name="inCount"/> values; kept, not copied.</param>
    /// <param name="bias">b, <paramref name="outCount"/> values; kept, not copied.</param>
    /// <param name="inCount">Input features, at least 1.</param>
    /// <param name="outCount">Output features, at least 1.</param>
    /// <exception cref="ArgumentException">The arrays do not have these sizes.</exception>
    public LinearWeights(double[] weight, double[] bias, int inCount, int outCount)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(bias);
        ArgumentOutOfRangeException.ThrowIfLessThan(inCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outCount, 1);
        if (weight.Length != (long)inCount * outCount)
            throw new ArgumentException(
                $"The weight has {weight.Length} values; ({outCount}, {inCount}) takes {(long)inCount * outCount}.", nameof(weight));
        if (bias.Length != outCount)
            throw new ArgumentException($"The bias has {bias.Length} values; {outCount} outputs take as many.", nameof(bias));
        (Weight, Bias, In, Out) = (weight, bias, inCount, outCount);
    }

    /// <summary>W, row-major: W[o, i] = Weight[o · In + i]. (out, in)</summary>
    public double[] Weight { get; }

    /// <summary>b. (out)</summary>
    public double[] Bias { get; }

    /// <summary>Input features.</summary>
    public int In { get; }

    /// <summary>Output features.</summary>
    public int Out { get; }

    /// <summary>W[o, i].</summary>
    /// <param name="output">o, in [0, <see cref="Out"/>).</param>
    /// <param name="input">i, in [0, <see cref="In"/>).</param>
    public double this[int output, int input] => Weight[output * In + input];

    /// <summary>The layer with weights and bias multiplied by a factor.</summary>
    public LinearWeights Scaled(double factor) => new([.. Weight.Select(w => factor * w)], [.. Bias.Select(b => factor * b)], In, Out);

    /// <summary>Some of the outputs: rows first … first + count − 1 with their biases.</summary>
    internal LinearWeights Rows(int first, int count) =>
        new(Weight[(first * In)..((first + count) * In)], Bias[first..(first + count)], In, count);

    /// <summary>Some of the inputs, without a bias: columns first … first + count − 1.</summary>
    internal LinearWeights Columns(int first, int count)
    {
        double[] columns = new double[Out * count];
        for (int o = 0; o < Out; o++)
        {
            Weight.AsSpan((o * In) + first, count).CopyTo(columns.AsSpan(o * count));
        }

        return new(columns, new double[Out], count, Out);
    }

    /// <summary>The outputs of both, these first.</summary>
    internal LinearWeights Above(LinearWeights other) => new([.. Weight, .. other.Weight], [.. Bias, .. other.Bias], In, Out + other.Out);
}
