using System.Collections.Concurrent;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <summary>Computes on ciphertexts with public evaluation keys: what a server holds. It never sees a secret.</summary>
/// <remarks>Borrows the keys. Thread-safe as <see cref="CircuitEvaluator{T}"/> says.</remarks>
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
        _switcher = new(parameters, backend);
    }

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
        _backend.Add(Parts(x, common), Parts(y, common), Parts(destination, common));
        Ciphertext longer = x.PartCount > common ? x : y;
        for (int i = common; i < destination.PartCount; i++)
        {
            _backend.Copy([longer.Part(i)], [destination.Part(i)]);
        }
    }

    /// <inheritdoc/>
    protected override void SubtractCore(Ciphertext x, Ciphertext y, Ciphertext destination)
    {
        int common = Math.Min(x.PartCount, y.PartCount);
        _backend.Subtract(Parts(x, common), Parts(y, common), Parts(destination, common));
        for (int i = common; i < destination.PartCount; i++)
        {
            if (x.PartCount > common)
            {
                _backend.Copy([x.Part(i)], [destination.Part(i)]);
            }
            else
            {
                _backend.Negate([y.Part(i)], [destination.Part(i)]);
            }
        }
    }

    /// <inheritdoc/>
    protected override void NegateCore(Ciphertext x, Ciphertext destination) => _backend.Negate(Parts(x), Parts(destination));

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
        ulong[] scalars = [.. x.Basis.Moduli.Select(q => q.Reduce(weight))];
        _backend.MultiplyScalar(Parts(x), scalars, Parts(destination));
    }

    /// <inheritdoc/>
    protected override void TensorProductCore(Ciphertext x, Ciphertext y, Ciphertext destination) =>
        _backend.TensorProduct(Parts(x), Parts(y), Parts(destination));

    /// <inheritdoc/>
    protected override void RescaleCore(Ciphertext x, Ciphertext destination)
    {
        LimbDivision division = _rescalings.GetOrAdd(x.Level, level => new(Parameters.BasisAt(level - 1), Parameters.BasisQ.Slice(level, 1)));
        _backend.Divide(division, Parts(x), Parts(destination));
    }

    /// <inheritdoc/>
    protected override void CopyCore(Ciphertext x, Ciphertext destination)
    {
        for (int i = 0; i < x.PartCount; i++)
        {
            LimbBlock source = x.Part(i);
            _backend.Copy([new LimbBlock(source.Buffer, source.FirstLimb, destination.Basis)], [destination.Part(i)]);
        }
    }

    private static LimbBlock[] Parts(Ciphertext x) => Parts(x, x.PartCount);

    private static LimbBlock[] Parts(Ciphertext x, int count)
    {
        LimbBlock[] parts = new LimbBlock[count];
        for (int i = 0; i < count; i++)
        {
            parts[i] = x.Part(i);
        }

        return parts;
    }

    private void AddEncoded(Ciphertext x, Plaintext plaintext, Ciphertext destination)
    {
        _backend.Add([x.Part(0)], [plaintext.Polynomial.Block], [destination.Part(0)]);
        for (int i = 1; i < x.PartCount; i++)
        {
            _backend.Copy([x.Part(i)], [destination.Part(i)]);
        }
    }

    private void MultiplyEncoded(Ciphertext x, Plaintext plaintext, Ciphertext destination)
    {
        LimbBlock[] factors = new LimbBlock[x.PartCount];
        Array.Fill(factors, plaintext.Polynomial.Block);
        _backend.Multiply(Parts(x), factors, Parts(destination));
    }
}
