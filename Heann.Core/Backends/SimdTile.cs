namespace Heann.Core.Backends;

/// <summary>A few rows of a matrix product on one piece of one limb: d_r[k] ← Σ_c w_(r,c)[k &gt;&gt; Shift] · x_c[k].</summary>
internal unsafe struct SimdTile
{
    /// <summary>Rows, a power of two, at most <see cref="SimdKernels.MaxTileRows"/>.</summary>
    public int Rows;

    /// <summary>Columns.</summary>
    public int Columns;

    /// <summary>For each column 1 + Rows limbs: x_c, w_(0,c), w_(1,c), …; with <see cref="IsScalar"/> the weights themselves.</summary>
    public double** Operands;

    /// <summary>Rows limbs.</summary>
    public double** Destination;

    /// <summary>First value.</summary>
    public int Start;

    /// <summary>Number of values, a multiple of the lanes.</summary>
    public int Count;

    /// <summary>Whether each weight is one number for the whole piece.</summary>
    public bool IsScalar;

    /// <summary>log2 of the runs of the weights.</summary>
    public int Shift;

    /// <summary>Whether the sums are added to what the destination holds.</summary>
    public bool IsAdded;

    /// <summary>How many products may be summed.</summary>
    public SimdSum Sum;
}
