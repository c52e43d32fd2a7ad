using Hnn.Model.Approximations;
using Hnn.Model.Weights;

namespace Hnn.Model.Sessions;

/// <summary>A soft-argmax as a labelled set calibrates it.</summary>
/// <param name="SoftArgmax">Temperature, interval, and how they were found: what a config.json takes.</param>
/// <param name="Search">The search for the temperature, before it was rounded.</param>
/// <param name="PolynomialError">Bound of what the polynomials add to y (two classes) or to a probability, on the interval.</param>
/// <param name="RoundedShare">Part of the samples, 0 to 1, for which y = Σ i·p_i, rounded, is the class of the largest probability; null
/// for two classes, where it always is.</param>
public sealed record CalibratedSoftArgmax(
    SoftArgmaxConfig SoftArgmax, TemperatureCalibration Search, double PolynomialError, double? RoundedShare);
