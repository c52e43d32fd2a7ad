namespace Hnn.Model.Plain;

/// <summary>How large a quantity of a network became.</summary>
/// <param name="Name">The quantity: see <see cref="PolynomialNetwork.Logits(double[,], int, ValueRanges?)"/>.</param>
/// <param name="LargestMagnitude">max |value| over everything seen; NaN once a value was NaN.</param>
public sealed record ValueRange(string Name, double LargestMagnitude);
