using System.Collections.Concurrent;
using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Encoders;

/// <summary>Real and complex vectors ⇄ plaintexts, by the canonical embedding: slot j of m is m(ζ^(5^j)), ζ = exp(iπ/N).</summary>
/// <remarks>
/// Encoding multiplies by Δ, transforms, rounds to integers (ties to even) and reduces modulo every prime. It is deterministic to the bit on
/// every machine. Thread-safe.
/// Source: Cheon, Kim, Kim, Song, "Homomorphic Encryption for Arithmetic of Approximate Numbers", eprint 2016/421, section 3.
/// </remarks>
public sealed partial class SlotEncoder
{
    // A rounded coefficient must be an exact double and its square finite; far above every Q that is allowed.
    private const double MaxCoefficient = 1e300;

    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;
    private readonly NoiseEstimator _noise;
    private readonly ConcurrentDictionary<int, CanonicalFft> _transforms = new();
    private readonly ConcurrentDictionary<int, CrtDecoder> _decoders = new();

    /// <summary>Creates an encoder.</summary>
    public SlotEncoder(CkksParameters parameters, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        _parameters = parameters;
        _backend = backend;
        _noise = new(parameters);
    }

    /// <summary>Encodes values, zeros after them, at a level and a scale (the top level and the default scale unless given).</summary>
    /// <exception cref="ArgumentException">Too many values, or one that is not finite.</exception>
    public Plaintext Encode(ReadOnlySpan<double> values, int? level = null, Scale? scale = null)
    {
        using Fresh result = new(this, level, _parameters.RingDegree);
        EncodeInto(values, level, scale, result.Value);
        return result.Take();
    }

    /// <summary>Encodes complex values, zeros after them.</summary>
    public Plaintext Encode(ReadOnlySpan<Complex> values, int? level = null, Scale? scale = null)
    {
        using Fresh result = new(this, level, _parameters.RingDegree);
        EncodeInto(values, level, scale, result.Value);
        return result.Take();
    }

    /// <summary>Encodes values repeated through all slots: rotations wrap at their number, not at N/2. Their number is a power of two.</summary>
    public Plaintext EncodePeriodic(ReadOnlySpan<double> values, int? level = null, Scale? scale = null) =>
        Encode(SlotVector.Periodic(values), level, scale);

    /// <summary>Encodes one value for all slots.</summary>
    public Plaintext EncodeConstant(Complex value, int? level = null, Scale? scale = null) => Encode(SlotVector.Constant(value), level, scale);

    /// <summary>Encodes a vector of slots with as few coefficients as its period allows.</summary>
    /// <exception cref="ArgumentException">The period exceeds the number of slots, or the values times the scale overflow the modulus.</exception>
    public Plaintext Encode(SlotVector values, int? level = null, Scale? scale = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        using Fresh result = new(this, level, CompactDegree(values, _parameters));
        EncodeInto(values, level, scale, result.Value);
        return result.Take();
    }

    /// <summary>The complex slots of a plaintext: N/2 of them, whatever its period.</summary>
    /// <exception cref="ForeignOperandException">The plaintext belongs to other parameters.</exception>
    public Complex[] Decode(Plaintext plaintext)
    {
        Complex[] slots = new Complex[_parameters.SlotCount];
        DecodeInto(plaintext, slots);
        return slots;
    }

    // M = 2F; a real constant needs one coefficient, a complex one two.
    internal static int CompactDegree(SlotVector values, CkksParameters parameters)
    {
        if (values.Period > parameters.SlotCount)
        {
            throw new ArgumentException($"A vector of {values.Period} slots does not go into the {parameters.SlotCount} slots of these parameters.", nameof(values));
        }

        return values is { Period: 1, IsReal: true } ? 1 : 2 * values.Period;
    }

    private void RequireFit(ReadOnlySpan<double> coefficients, int level, Scale scale)
    {
        double largest = 0;
        foreach (double coefficient in coefficients)
        {
            largest = Math.Max(largest, Math.Abs(coefficient));
        }

        double available = _parameters.BasisAt(level).Log2 - 1;
        if (!(largest < MaxCoefficient) || Math.Log2(Math.Max(largest, 1)) >= available)
        {
            throw new ArgumentException(
                $"The message at scale {scale} has coefficients of {Math.Log2(largest):F1} bits and level {level} holds {available:F1}; lower the scale or the values, or encode at a higher level.");
        }
    }

    private CanonicalFft Transform(int degree) => _transforms.GetOrAdd(degree, static d => new(d));
}
