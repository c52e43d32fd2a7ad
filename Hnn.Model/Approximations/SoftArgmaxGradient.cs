namespace Hnn.Model.Approximations;

/// <summary>A value that depends on logits and temperature, with its derivatives.</summary>
/// <param name="Value">The value itself: y, or a loss.</param>
/// <param name="ByLogits">∂/∂x_i, n values; they sum to 0, because a common shift of the logits changes nothing.</param>
/// <param name="ByTemperature">∂/∂T; Σ x_i·∂/∂x_i + T·∂/∂T = 0, because only x/T matters.</param>
public sealed record SoftArgmaxGradient(double Value, IReadOnlyList<double> ByLogits, double ByTemperature);
