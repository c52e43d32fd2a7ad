namespace Heann.Bench.Roofline;

/// <summary>What an operation cannot do without.</summary>
/// <param name="Flops">Floating-point operations; a fused multiply-add is two, a rounding one.</param>
/// <param name="Bytes">Operands and keys read once, results written once; not what passes between steps.</param>
internal readonly record struct Work(double Flops, double Bytes)
{
    /// <summary>Floating-point operations per byte.</summary>
    public double Intensity => Flops / Bytes;
}
