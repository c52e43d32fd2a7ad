namespace Hnn.Model.Weights;

/// <summary>The soft-argmax that ends the network: for two classes y = sigmoid((logits[1] − logits[0]) / T).</summary>
/// <param name="Temperature">T, in (0, 10^6].</param>
/// <param name="Low">Lower end of the interval that the arguments are meant to lie in, see
/// <see cref="Approximations.DifferentiableSoftArgmax.Arguments"/>; at least −64. For two classes −High.</param>
/// <param name="High">Upper end, more than <paramref name="Low"/>; at most 64.</param>
/// <param name="Calibration">How they were found; null where nobody calibrated.</param>
public sealed record SoftArgmaxConfig(double Temperature, double Low, double High, SoftArgmaxCalibration? Calibration = null)
{
    /// <summary>The degree where a config.json names none: 15, four levels.</summary>
    public const int DefaultDegree = 15;

    /// <summary>The largest degree: 63, six levels.</summary>
    public const int MaxDegree = 63;

    /// <summary>Degree of the polynomial on the interval, odd, in [3, <see cref="MaxDegree"/>]: under encryption the sigmoid is
    /// this polynomial.</summary>
    public int Degree { get; init; } = DefaultDegree;
}
