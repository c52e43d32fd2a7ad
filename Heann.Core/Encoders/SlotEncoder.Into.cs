using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Sampling;

namespace Heann.Core.Encoders;

/// <content>Into destinations: nothing is allocated in a steady state; what is worked on is pooled, and wiped where it is a message.</content>
public sealed partial class SlotEncoder
{
    /// <summary>destination ← values, zeros after them, encoded at a level and a scale.</summary>
    /// <param name="values">1 to N/2 finite values.</param>
    /// <param name="level">ℓ; null for the top level.</param>
    /// <param name="scale">Δ; null for the default scale.</param>
    /// <param name="destination">A plaintext of the parameters, of whatever level, scale and period: it is written over. As it was where
    /// the message is refused.</param>
    /// <exception cref="ArgumentException">Too many values, one not finite, or values times the scale overflow the modulus.</exception>
    /// <exception cref="ForeignOperandException">The destination belongs to other parameters.</exception>
    public void EncodeInto(ReadOnlySpan<double> values, int? level, Scale? scale, Plaintext destination)
    {
        SlotVector.RequireFit(values.Length, _parameters.SlotCount);
        using SecretArray<double> real = SecretArray<double>.Rent(_parameters.SlotCount);
        values.CopyTo(real.Span);
        real.Span[values.Length..].Clear();
        EncodeParts(real.Span, [], level, scale, destination);
    }

    /// <inheritdoc cref="EncodeInto(ReadOnlySpan{double}, int?, Scale?, Plaintext)"/>
    public void EncodeInto(ReadOnlySpan<Complex> values, int? level, Scale? scale, Plaintext destination)
    {
        SlotVector.RequireFit(values.Length, _parameters.SlotCount);
        using SecretArray<double> real = SecretArray<double>.Rent(_parameters.SlotCount);
        using SecretArray<double> imaginary = SecretArray<double>.Rent(_parameters.SlotCount);
        Span<double> re = real.Span, im = imaginary.Span;
        for (int i = 0; i < values.Length; i++)
        {
            (re[i], im[i]) = (values[i].Real, values[i].Imaginary);
        }

        re[values.Length..].Clear();
        im[values.Length..].Clear();
        EncodeParts(re, im, level, scale, destination);
    }

    /// <summary>destination ← a vector of slots, encoded with as few coefficients as its period allows.</summary>
    /// <param name="values">The slots.</param>
    /// <param name="level">ℓ; null for the top level.</param>
    /// <param name="scale">Δ; null for the default scale.</param>
    /// <param name="destination">A plaintext of the parameters: it is written over. As it was where the message is refused.</param>
    /// <exception cref="ArgumentException">The period exceeds the number of slots, or the values times the scale overflow the modulus.</exception>
    /// <exception cref="ForeignOperandException">The destination belongs to other parameters.</exception>
    public void EncodeInto(SlotVector values, int? level, Scale? scale, Plaintext destination)
    {
        ArgumentNullException.ThrowIfNull(values);
        _ = CompactDegree(values, _parameters);
        using SecretArray<double> real = SecretArray<double>.Rent(values.Period);
        values.Real.CopyTo(real.Span);
        if (values.IsReal)
        {
            EncodeParts(real.Span, [], level, scale, destination);
            return;
        }

        using SecretArray<double> imaginary = SecretArray<double>.Rent(values.Period);
        values.Imaginary.CopyTo(imaginary.Span);
        EncodeParts(real.Span, imaginary.Span, level, scale, destination);
    }

    /// <summary>destination ← the complex slots of a plaintext, whatever its period.</summary>
    /// <param name="plaintext">The message.</param>
    /// <param name="destination">N/2 values.</param>
    /// <exception cref="ForeignOperandException">The plaintext belongs to other parameters.</exception>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void DecodeInto(Plaintext plaintext, Span<Complex> destination)
    {
        RequireOwn(plaintext);
        RequireSlots(destination);
        RnsPolynomial source = plaintext.Polynomial;
        using ScratchPool.Scratch copy = _backend.Scratch.Rent(source.Basis);
        _backend.Copy([source.Block], [copy.Block]);
        _backend.InverseNtt([copy.Block]);
        DecodeCoefficients(copy.Block, plaintext.Scale, destination);
    }

    internal void RequireSlots(ReadOnlySpan<Complex> destination)
    {
        if (destination.Length != _parameters.SlotCount)
        {
            throw new ArgumentException(
                $"A message has {_parameters.SlotCount} slots and the destination {destination.Length}; give one of {_parameters.SlotCount}.",
                nameof(destination));
        }
    }

    // The slots of a polynomial in Coefficient form over the first primes; a compact one repeats through the destination.
    internal void DecodeCoefficients(LimbBlock polynomial, Scale scale, Span<Complex> destination)
    {
        int degree = polynomial.RingDegree;
        CrtDecoder decoder = _decoders.GetOrAdd(
            polynomial.LimbCount, static (count, parameters) => new(parameters.BasisAt(count - 1)), _parameters);
        CanonicalFft transform = Transform(degree);
        using SecretArray<ulong> residues = SecretArray<ulong>.Rent(polynomial.LimbCount * degree);
        using SecretArray<double> coefficients = SecretArray<double>.Rent(degree);
        using SecretArray<double> real = SecretArray<double>.Rent(transform.SlotCount);
        using SecretArray<double> imaginary = SecretArray<double>.Rent(transform.SlotCount);
        _backend.Download(polynomial, residues.Span);
        decoder.ToCenteredDoubles(residues.Span, coefficients.Span);
        transform.Forward(coefficients.Span, real.Span, imaginary.Span);
        Span<double> re = real.Span, im = imaginary.Span;
        for (int i = 0; i < re.Length; i++)
        {
            destination[i] = new(re[i] / scale.Value, im[i] / scale.Value);
        }

        for (int i = re.Length; i < destination.Length; i += re.Length)
        {
            destination[..re.Length].CopyTo(destination[i..]);
        }
    }

    // Slots of one period, which are overwritten; real ones without imaginary parts.
    private void EncodeParts(Span<double> real, Span<double> imaginary, int? level, Scale? scale, Plaintext destination)
    {
        int atLevel = level ?? _parameters.MaxLevel;
        Scale atScale = scale ?? _parameters.DefaultScale;
        _parameters.RequireLevel(atLevel, nameof(level));
        RequireOwn(destination);
        double magnitude = SlotVector.MagnitudeOf(real, imaginary);
        int degree = real.Length == 1 && imaginary.IsEmpty ? 1 : 2 * real.Length;
        using SecretArray<double> coefficients = SecretArray<double>.Rent(degree);
        Interpolate(real, imaginary, coefficients.Span);
        foreach (ref double coefficient in coefficients.Span)
        {
            coefficient = Math.Round(coefficient * atScale.Value, MidpointRounding.ToEven);
        }

        RequireFit(coefficients.Span, atLevel, atScale);
        destination.Resize(_parameters.BasisAt(atLevel).Subring(degree));
        _backend.UploadIntegers(coefficients.Span, destination.Polynomial.Block);
        _backend.ForwardNtt([destination.Polynomial.Block]);
        destination.Scale = atScale;
        destination.Noise = _noise.Plaintext(magnitude, degree);
    }

    private void Interpolate(Span<double> real, Span<double> imaginary, Span<double> coefficients)
    {
        if (coefficients.Length == 1)
        {
            coefficients[0] = real[0];
        }
        else if (imaginary.IsEmpty)
        {
            using SecretArray<double> zeros = SecretArray<double>.Rent(real.Length);
            zeros.Span.Clear();
            Transform(coefficients.Length).Inverse(real, zeros.Span, coefficients);
        }
        else
        {
            Transform(coefficients.Length).Inverse(real, imaginary, coefficients);
        }
    }

    private void RequireOwn(Plaintext plaintext)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        if (plaintext.Parameters.Id != _parameters.Id)
        {
            Throw.ForeignParameters(plaintext.Parameters.Id, _parameters.Id);
        }
    }

    // A new plaintext that is about to be filled: given back where that throws, given away by Take.
    private ref struct Fresh
    {
        private Plaintext? _value;

        public Fresh(SlotEncoder encoder, int? level, int degree)
        {
            CkksParameters parameters = encoder._parameters;
            int atLevel = level ?? parameters.MaxLevel;
            parameters.RequireLevel(atLevel, nameof(level));
            RnsPolynomial polynomial = new(encoder._backend, parameters.BasisAt(atLevel).Subring(degree), Domain.Evaluation);
            _value = new(polynomial, parameters, parameters.DefaultScale, default);
        }

        public readonly Plaintext Value => _value!;

        public Plaintext Take()
        {
            Plaintext value = _value!;
            _value = null;
            return value;
        }

        public readonly void Dispose() => _value?.Dispose();
    }
}
