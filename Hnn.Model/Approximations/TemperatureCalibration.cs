namespace Hnn.Model.Approximations;

/// <summary>A learned temperature with what it changed.</summary>
/// <param name="Temperature">T that minimises the loss, in [<see cref="TemperatureCalibrator.MinTemperature"/>,
/// <see cref="TemperatureCalibrator.MaxTemperature"/>].</param>
/// <param name="Before">The metrics at T_0.</param>
/// <param name="After">The metrics at T.</param>
/// <param name="IterationCount">Passes over the set.</param>
/// <param name="IsUndetermined">True if the set does not determine T: the loss still falls at an end of the range (every sample
/// right: T wants 0; no better than chance: T wants infinity), or does not depend on T.</param>
public sealed record TemperatureCalibration(
    double Temperature, CalibrationMetrics Before, CalibrationMetrics After, int IterationCount, bool IsUndetermined);
