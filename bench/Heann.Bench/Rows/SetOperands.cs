using System.Numerics;
using Heann.Core;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;

namespace Heann.Bench.Rows;

/// <summary>Operands at the top level of a set, and the calls of its rows.</summary>
/// <remarks>Operands are encryptions of N/2 values in the unit square at scale 2^40, as the peers' were.</remarks>
internal sealed class SetOperands : IDisposable
{
    private readonly SetKeys _keys;
    private readonly int _threads;
    private readonly SimdBackend _backend;
    private readonly CkksContext _context;
    private readonly CkksEvaluator _evaluator;
    private readonly Complex[] _values;
    private readonly Complex[] _decoded;
    private readonly Plaintext _plaintext;
    private readonly Plaintext _encoded;
    private readonly Ciphertext _x;
    private readonly Ciphertext _y;
    private readonly Ciphertext _sum;
    private readonly Ciphertext _product;
    private readonly Ciphertext _scaled;
    private readonly Ciphertext _factor;
    private readonly Ciphertext _destination;
    private readonly Ciphertext _threeParts;
    private readonly Ciphertext _rescaled;
    private readonly LinearTransform _transform;

    public SetOperands(SetKeys keys, int threads)
    {
        _keys = keys;
        _threads = threads;
        _backend = new(threads);
        _context = CkksContext.Create(keys.Set.Parameters, _backend);
        _evaluator = _context.CreateEvaluator(keys.Evaluation);
        Random random = new(1);
        _values = [.. Enumerable.Range(0, keys.Set.Parameters.SlotCount).Select(_ => new Complex(Uniform(random), Uniform(random)))];
        _decoded = new Complex[_values.Length];
        _plaintext = _context.Encoder.Encode(_values);
        _encoded = _context.Encoder.Encode(_values);
        _x = _context.Encryptor.Encrypt(keys.Public, _plaintext);
        _y = _context.Encryptor.Encrypt(keys.Secret, _plaintext);
        _sum = _evaluator.Copy(_x);
        _product = _evaluator.TensorProduct(_x, _y);
        _scaled = _evaluator.MultiplyPlain(_x, _plaintext);
        _factor = _evaluator.Copy(_x);
        _destination = _evaluator.Allocate(keys.Set.Parameters.MaxLevel);
        _threeParts = _evaluator.Allocate(keys.Set.Parameters.MaxLevel, 3);
        _rescaled = _evaluator.Allocate(keys.Set.Parameters.MaxLevel - 1);
        _transform = new(new DiagonalMatrix(16, 0, 15, (j, k) => Math.Cos(j + (16 * k))), 4);
    }

    /// <summary>The row of an operation.</summary>
    public MeasuredRow Row(string op) => op switch
    {
        "add" => New(op, () => _evaluator.AddInto(_sum, _y, _sum)),
        "multiplyPlain" => New(op, MultiplyPlainInPlace),
        "multiply" => New(op, () => _evaluator.TensorProductInto(_x, _y, _threeParts)),
        "relinearize" => New(op, () => _evaluator.RelinearizeInto(_product, _destination)),
        "rotate" => New(op, () => _evaluator.RotateInto(_x, 1, _destination)),
        "rotateHoisted" => New(op, () => RotateMany(MeasuredSet.Rotations)) with
        {
            Baseline = () => RotateMany([1]),
            Count = MeasuredSet.Rotations.Length - 1,
        },
        "rescale" => New(op, () => _evaluator.RescaleInto(_scaled, _rescaled)),
        "encode" => New(op, () => _context.Encoder.EncodeInto(_values, null, null, _encoded)),
        "decode" => New(op, () => _context.Encoder.DecodeInto(_plaintext, _decoded)),
        "encryptPk" => New(op, () => _context.Encryptor.EncryptInto(_keys.Public, _plaintext, _destination)),
        "encryptSk" => New(op, () => _context.Encryptor.EncryptInto(_keys.Secret, _plaintext, _destination)),
        "decrypt" => New(op, () => _context.Decryptor.DecryptPolynomial(_keys.Secret, _x).Dispose()),
        "linearTransform" => New(op, () => _evaluator.TransformInto(_x, _transform, null, _destination)),
        _ => throw new ArgumentException($"There is no operation {op}."),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable owned in (IDisposable[])
        [
            _plaintext, _encoded, _x, _y, _sum, _product, _scaled, _factor, _destination, _threeParts, _rescaled,
        ])
        {
            owned.Dispose();
        }

        _context.Dispose();
        _backend.Dispose();
    }

    private static double Uniform(Random random) => (2 * random.NextDouble()) - 1;

    private MeasuredRow New(string op, Action run) => new(op, _keys.Set.Name, _keys.Set.Parameters.LogN, _threads, run);

    // As the peers' rows do: x ← x · p where it lies. Scale and predicted noise are set back, so that any number of calls is valid.
    private void MultiplyPlainInPlace()
    {
        _evaluator.MultiplyPlainInto(_factor, _plaintext, _factor);
        (_factor.Scale, _factor.Noise) = (_x.Scale, _x.Noise);
    }

    private void RotateMany(int[] steps)
    {
        foreach (Ciphertext rotated in _evaluator.RotateMany(_x, steps))
        {
            rotated.Dispose();
        }
    }
}
