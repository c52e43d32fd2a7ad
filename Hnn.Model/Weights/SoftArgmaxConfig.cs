namespace Hnn.Model.Weights;

/// <summary>The soft-argmax that ends the network: for two classes y = sigmoid((logits[1] − logits[0]) / T), for more the probabilities
/// softmax(logits / T) or y = Σ i·p_i.</summary>
/// <param name="Temperature">T, in (0, 10^6].</param>
/// <param name="Low">Lower end of the interval that the arguments are meant to lie in, see
/// <see cref="Approximations.DifferentiableSoftArgmax.Arguments"/>; at least −64. For two classes −High, for more less than 0.</param>
/// <param name="High">Upper end, more than <paramref name="Low"/>; at most 64.</param>
/// <param name="Calibration">How they were found; null where nobody calibrated.</param>
public sealed record SoftArgmaxConfig(double Temperature, double Low, double High, SoftArgmaxCalibration? Calibration = null)
{
    /// <summary>The degree where a config.json names none: 15, four levels.</summary>
    public const int DefaultDegree = 15;

    /// <summary>The largest degree: 63, six levels.</summary>
    public const int MaxDegree = 63;

    /// <summary>The most iterations of the division: 16.</summary>
    public const int MaxIterations = 16;

    /// <summary>Degree of the polynomial on the interval, odd, in [3, <see cref="MaxDegree"/>]: under encryption it is the sigmoid (two
    /// classes) or the exponential (more).</summary>
    public int Degree { get; init; } = DefaultDegree;

    /// <summary>Iterations of the division by the sum, in [1, <see cref="MaxIterations"/>], for more than two classes; null for as many
    /// as <see cref="Approximations.SoftmaxApproximation"/> chooses, and for two classes, which divide nothing.</summary>
    public int? Iterations { get; init; }

    /// <summary>What the model's client is given where it does not ask for something else; null for y with two classes and the
    /// probabilities with more.</summary>
    public Release? Release { get; init; }

    /// <summary>What a client of n classes is given.</summary>
    /// <param name="classCount">n ≥ 2.</param>
    /// <exception cref="ArgumentException">Probabilities of two classes, which y says already.</exception>
    public Release ReleaseFor(int classCount)
    {
        Release release = Release ?? (classCount == 2 ? Model.Release.SoftArgmax : Model.Release.Probabilities);
        return Enum.IsDefined(release) && (classCount > 2 || release == Model.Release.SoftArgmax)
            ? release
            : throw new ArgumentException(
                $"What is to be released is {release}; with {classCount} classes it is "
                + (classCount > 2 ? "the probabilities or the soft-argmax." : "the soft-argmax y, which is the probability of the second."));
    }
}
