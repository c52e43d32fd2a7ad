using Hnn.Model.Approximations;
using Hnn.Model.Weights;

namespace Hnn.Model.Sessions;

/// <summary>A soft-argmax as a labelled set calibrates it.</summary>
/// <param name="SoftArgmax">Temperature, interval, and how they were found: what a config.json takes.</param>
/// <param name="Search">The search for the temperature, before it was rounded.</param>
/// <param name="PolynomialError">Largest error of the sigmoid's polynomial on the interval; null for more than two classes, which no
/// polynomial of this version evaluates.</param>
public sealed record CalibratedSoftArgmax(SoftArgmaxConfig SoftArgmax, TemperatureCalibration Search, double? PolynomialError);
