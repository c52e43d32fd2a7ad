namespace Heann.Bench.Roofline;

/// <summary>An operation in the chart.</summary>
/// <param name="Op">Its name.</param>
/// <param name="LogN">log2 N: the colour.</param>
/// <param name="Work">What it has to do.</param>
/// <param name="Microseconds">What it took.</param>
internal sealed record RooflinePoint(string Op, int LogN, Work Work, double Microseconds)
{
    /// <summary>10^9 floating-point operations a second.</summary>
    public double GigaFlops => Work.Flops / Microseconds / 1e3;

    /// <summary>10^9 bytes a second.</summary>
    public double Gigabytes => Work.Bytes / Microseconds / 1e3;
}
