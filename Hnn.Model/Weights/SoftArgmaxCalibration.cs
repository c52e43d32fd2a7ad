namespace Hnn.Model.Weights;

/// <summary>How the temperature and the interval of a soft-argmax were found: a record for people, which changes nothing that the network
/// computes.</summary>
/// <param name="Data">Name of the data file, without its folder; 1 to 128 characters, none of them a control character.</param>
/// <param name="SampleCount">Labelled sentences, at least 1.</param>
/// <param name="InitialTemperature">T_0, which "before" means; in (0, 10^6].</param>
/// <param name="Before">At T_0.</param>
/// <param name="After">At the model's temperature.</param>
/// <param name="Accuracy">Part of the sentences whose argmax is the label, 0 to 1; T does not move it.</param>
/// <param name="ReachedLow">Smallest argument at the model's temperature, see
/// <see cref="Approximations.DifferentiableSoftArgmax.Arguments"/>; at least −64.</param>
/// <param name="ReachedHigh">Largest argument, at most 64.</param>
public sealed record SoftArgmaxCalibration(
    string Data,
    int SampleCount,
    double InitialTemperature,
    CalibrationFigures Before,
    CalibrationFigures After,
    double Accuracy,
    double ReachedLow,
    double ReachedHigh)
{
    /// <summary>The most characters of <see cref="Data"/>.</summary>
    public const int MaxDataLength = 128;
}
