using System.Collections.Concurrent;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <summary>Computes on ciphertexts with public evaluation keys: what a server holds. It never sees a secret.</summary>
/// <remarks>
/// Borrows the keys. Where they are read on demand, every operation that switches keys may throw <see cref="InvalidDataException"/> or
/// <see cref="IOException"/>: operands are then as they were, a destination that is none of them may hold anything, and the operation may be
/// tried again. Thread-safe as <see cref="CircuitEvaluator{T}"/> says.
/// </remarks>
public sealed partial class CkksEvaluator : CircuitEvaluator<Ciphertext>
{
    private readonly RingBackend _backend;
    private readonly SlotEncoder _encoder;
    private readonly EvaluationKeys _keys;
    private readonly KeySwitcher _switcher;
    private readonly ConcurrentDictionary<int, LimbDivision> _rescalings = new();

    /// <summary>Creates an evaluator.</summary>
    /// <exception cref="ForeignOperandException">The keys belong to other parameters.</exception>
    public CkksEvaluator(CkksParameters parameters, RingBackend backend, SlotEncoder encoder, EvaluationKeys keys)
        : base(parameters)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Parameters.Id != parameters.Id)
        {
            Throw.ForeignParameters(keys.Parameters.Id, parameters.Id);
        }

        _backend = backend;
        _encoder = encoder;
        _keys = keys;
        _switcher = new(parameters);
    }

    private protected override bool WorksInPlace => true;

    /// <inheritdoc/>
    public override Ciphertext Allocate(int level, int partCount = 2)
    {
        Parameters.RequireLevel(level, nameof(level));
        return new(_backend, Parameters, level, partCount) { KeyId = _keys.KeyId };
    }

    /// <inheritdoc/>
    protected override void Label(Ciphertext destination, int level, int partCount, Scale scale, NoiseEstimate noise)
    {
        destination.Resize(level, partCount);
        destination.Scale = scale;
        destination.Noise = noise;
        destination.KeyId = _keys.KeyId;
    }

    /// <inheritdoc/>
    protected override void Declare(Ciphertext x, NoiseEstimate noise) => x.Noise = noise;

    /// <inheritdoc/>
    protected override void RequireDestination(Ciphertext destination)
    {
        if (destination.Parameters.Id != Parameters.Id)
        {
            Throw.ForeignParameters(destination.Parameters.Id, Parameters.Id);
        }
    }

    /// <inheritdoc/>
    protected override void RequireOwn(Ciphertext x)
    {
        RequireDestination(x);
        if (x.KeyId != _keys.KeyId)
        {
            Throw.ForeignKey(x.KeyId, _keys.KeyId);
        }

        ObjectDisposedException.ThrowIf(x.PartCount == 0, x);
    }

    /// <inheritdoc/>
    protected override void Move(Ciphertext temporary, Ciphertext destination) => destination.TakeStorage(temporary);

    /// <inheritdoc/>
    protected override void AddCore(Ciphertext x, Ciphertext y, Ciphertext destination)
    {
        int common = Math.Min(x.PartCount, y.PartCount);
        PartBlocks left = PartBlocks.Of(x), right = PartBlocks.Of(y), result = PartBlocks.Of(destination);
        _backend.Add(left[..common], right[..common], result[..common]);
        PartBlocks longer = x.PartCount > common ? left : right;
        for (int i = common; i < Math.Max(x.PartCount, y.PartCount); i++)
        {
            _backend.Copy(longer[i..(i + 1)], result[i..(i + 1)]);
        }
    }

    /// <inheritdoc/>
    protected override void SubtractCore(Ciphertext x, Ciphertext y, Ciphertext destination)
    {
        int common = Math.Min(x.PartCount, y.PartCount);
        PartBlocks left = PartBlocks.Of(x), right = PartBlocks.Of(y), result = PartBlocks.Of(destination);
        _backend.Subtract(left[..common], right[..common], result[..common]);
        for (int i = common; i < x.PartCount; i++)
        {
            _backend.Copy(left[i..(i + 1)], result[i..(i + 1)]);
        }

        for (int i = common; i < y.PartCount; i++)
        {
            _backend.Negate(right[i..(i + 1)], result[i..(i + 1)]);
        }
    }

    /// <inheritdoc/>
    protected override void NegateCore(Ciphertext x, Ciphertext destination)
    {
        PartBlocks source = PartBlocks.Of(x), result = PartBlocks.Of(destination);
        _backend.Negate(source[..x.PartCount], result[..x.PartCount]);
    }

    /// <inheritdoc/>
    protected override void AddPlainCore(Ciphertext x, SlotVector values, Ciphertext destination)
    {
        using Plaintext plaintext = _encoder.Encode(values, x.Level, x.Scale);
        AddEncoded(x, plaintext, destination);
    }

    /// <inheritdoc/>
    protected override void MultiplyPlainCore(Ciphertext x, SlotVector values, Scale scale, Ciphertext destination)
    {
        using Plaintext plaintext = _encoder.Encode(values, x.Level, scale);
        MultiplyEncoded(x, plaintext, destination);
    }

    /// <inheritdoc/>
    protected override void MultiplyIntegerCore(Ciphertext x, long weight, Ciphertext destination)
    {
        Span<ulong> scalars = stackalloc ulong[x.Level + 1];
        for (int i = 0; i < scalars.Length; i++)
        {
            scalars[i] = Parameters.BasisQ[i].Reduce(weight);
        }

        PartBlocks source = PartBlocks.Of(x), result = PartBlocks.Of(destination);
        _backend.MultiplyScalar(source[..x.PartCount], scalars, result[..x.PartCount]);
    }

    /// <inheritdoc/>
    protected override void TensorProductCore(Ciphertext x, Ciphertext y, Ciphertext destination)
    {
        PartBlocks left = PartBlocks.Of(x), right = PartBlocks.Of(y), result = PartBlocks.Of(destination);
        _backend.TensorProduct(left[..2], right[..2], result);
    }

    /// <inheritdoc/>
    protected override void RescaleCore(Ciphertext x, Ciphertext destination)
    {
        LimbDivision division = DivisionAt(x.Level);
        PartBlocks source = PartBlocks.Of(x), result = PartBlocks.Of(destination, division.Kept);
        _backend.Divide(division, source[..x.PartCount], result[..x.PartCount]);
    }

    /// <inheritdoc/>
    protected override void CopyCore(Ciphertext x, Ciphertext destination)
    {
        PartBlocks source = PartBlocks.Of(x, destination.Basis), result = PartBlocks.Of(destination);
        _backend.Copy(source[..x.PartCount], result[..x.PartCount]);
    }

    private LimbDivision DivisionAt(int level) => _rescalings.GetOrAdd(
        level, static (l, parameters) => new(parameters.BasisAt(l - 1), parameters.BasisQ.Slice(l, 1)), Parameters);

    private void AddEncoded(Ciphertext x, Plaintext plaintext, Ciphertext destination)
    {
        PartBlocks source = PartBlocks.Of(x), result = PartBlocks.Of(destination);
        _backend.Add(source[..1], [plaintext.Polynomial.Block], result[..1]);
        if (!ReferenceEquals(x, destination))
        {
            _backend.Copy(source[1..x.PartCount], result[1..x.PartCount]);
        }
    }

    private void MultiplyEncoded(Ciphertext x, Plaintext plaintext, Ciphertext destination)
    {
        LimbBlock factor = plaintext.Polynomial.Block;
        PartBlocks source = PartBlocks.Of(x), result = PartBlocks.Of(destination);
        ReadOnlySpan<LimbBlock> factors = [factor, factor, factor];
        _backend.Multiply(source[..x.PartCount], factors[..x.PartCount], result[..x.PartCount]);
    }
}
