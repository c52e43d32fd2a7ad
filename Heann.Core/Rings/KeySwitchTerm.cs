namespace Heann.Core.Rings;

/// <summary>One result of a key switch: which key, what is added, which automorphism follows, and where it goes.</summary>
/// <remarks>A borrowed view; it owns nothing. Immutable; what it points to is as thread-safe as its buffers.</remarks>
public readonly struct KeySwitchTerm
{
    /// <summary>The key's polynomials.</summary>
    public required SwitchingMatrix Key { get; init; }

    /// <summary>σ, applied last; <c>default</c> is the identity.</summary>
    public GaloisElement Element { get; init; }

    /// <summary>Added to the first part before σ; <c>default</c> is zero.</summary>
    public LimbBlock Addend0 { get; init; }

    /// <summary>Added to the second part before σ; <c>default</c> is zero.</summary>
    public LimbBlock Addend1 { get; init; }

    /// <summary>Takes the first part.</summary>
    public required LimbBlock Destination0 { get; init; }

    /// <summary>Takes the second part.</summary>
    public required LimbBlock Destination1 { get; init; }
}
