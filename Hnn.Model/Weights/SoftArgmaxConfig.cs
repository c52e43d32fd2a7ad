namespace Hnn.Model.Weights;

/// <summary>The soft-argmax y = sigmoid((logits[1] − logits[0]) / T) that ends the network.</summary>
/// <param name="Temperature">T, in (0, 10^6].</param>
/// <param name="Low">Lower end of the interval the sigmoid's argument is meant to lie in; at least −64.</param>
/// <param name="High">Upper end, more than <paramref name="Low"/>; at most 64.</param>
public sealed record SoftArgmaxConfig(double Temperature, double Low, double High);
