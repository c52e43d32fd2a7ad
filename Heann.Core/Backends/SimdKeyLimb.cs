namespace Heann.Core.Backends;

/// <summary>One limb of a <see cref="SimdSwitchingMatrix"/>, for a kernel.</summary>
internal unsafe struct SimdKeyLimb
{
    /// <summary>The first value of the limb: a 32-bit integer or a double, see <see cref="BytesPerValue"/>.</summary>
    public byte* Values;

    /// <summary>4 or 8.</summary>
    public int BytesPerValue;

    /// <summary>First value of the piece.</summary>
    public int Start;

    /// <summary>Values of the piece, whole chunks.</summary>
    public int Count;

    /// <summary>Values of a chunk.</summary>
    public int Chunk;

    /// <summary>dnum of the key: more than the digits in use when it serves a higher level.</summary>
    public int DigitCount;

    /// <summary>How many products may be summed.</summary>
    public SimdSum Sum;
}
