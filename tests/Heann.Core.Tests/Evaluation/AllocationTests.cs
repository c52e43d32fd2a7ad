using System.Numerics;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Tests.Keys;

namespace Heann.Core.Tests.Evaluation;

/// <summary>Operations with a destination allocate no managed byte once they are warm, on one thread.</summary>
public sealed class AllocationTests : IClassFixture<AllocationTests.Scene>
{
    private const int CallCount = 8;

    // The AES objects of two streams, and the seed of c_1; see Encryptor.EncryptInto.
    private const long MaxEncryptionBytes = 1600;

    private readonly Scene _scene;

    public AllocationTests(Scene scene) => _scene = scene;

    public static TheoryData<string> Operations => [.. Scene.Calls.Keys];

    [Theory]
    [MemberData(nameof(Operations))]
    public void WithADestination_AWarmCallAllocatesNothing(string operation) => Assert.Equal(0, BytesOf(Scene.Calls[operation]));

    // Keys that are read when they are needed: none of them once they are in memory.
    [Theory]
    [InlineData("relinearize")]
    [InlineData("multiply")]
    [InlineData("rotate")]
    [InlineData("conjugate")]
    [InlineData("rotate many")]
    public void WithKeysOnDemand_AWarmCallAllocatesNothing(string operation)
    {
        using Scene scene = new(isOnDemand: true);
        Assert.Equal(0, BytesOf(Scene.Calls[operation], scene));
    }

    // What the platform's AES objects take does not grow with the ring or the level.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EncryptInto_AllocatesTheCipherObjectsOnly(bool isPublic)
    {
        long bytes = BytesOf(s => s.EncryptInto(isPublic));
        Assert.InRange(bytes, 1, CallCount * MaxEncryptionBytes);
    }

    // The measure itself sees a single object.
    [Fact]
    public void TheMeasure_SeesTheResultsOfOtherForms() =>
        Assert.True(BytesOf(s => s.Evaluator.Add(s.X, s.Y).Dispose()) >= CallCount * 24);

    // The least of some rounds: a round may be the one in which the runtime compiles a method again, or trims a pool.
    private long BytesOf(Action<Scene> call, Scene? other = null)
    {
        Scene scene = other ?? _scene;
        call(scene);
        long least = long.MaxValue;
        for (int round = 0; round < 5 && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < CallCount; i++)
            {
                call(scene);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    public sealed class Scene : IDisposable
    {
        private static readonly int[] Steps = [0, 1, 2, 3, 1];
        private readonly SimdBackend _backend = new(threadCount: 1);
        private readonly CkksContext _context;
        private readonly SecretKey _secret;
        private readonly PublicKey _publicKey;
        private readonly EvaluationKeys _keys;
        private readonly Complex[] _values;
        private readonly double[] _reals;
        private readonly Complex[] _slots;
        private readonly Plaintext _plaintext;
        private readonly Plaintext _encoded;
        private readonly Ciphertext _product;
        private readonly Ciphertext _destination;
        private readonly Ciphertext _threeParts;
        private readonly Ciphertext[] _rotated;

        public Scene()
            : this(isOnDemand: false)
        {
        }

        internal Scene(bool isOnDemand)
        {
            CkksParameters parameters = Registry.Parameters("N10L5Dnum3");
            _context = CkksContext.Create(parameters, _backend);
            _secret = _context.KeyGenerator.CreateSecretKey();
            _publicKey = _context.KeyGenerator.CreatePublicKey(_secret);
            _keys = _context.KeyGenerator.CreateEvaluationKeys(
                _secret, KeyRequest.ForRotations([1, 2, 3], parameters.MaxLevel, withConjugation: true));
            if (isOnDemand)
            {
                using EvaluationKeys keys = _keys;
                MemoryStream stream = new(_context.Codecs.EvaluationKeys.ToBytes(keys));
                _keys = KeysOnDemand.Open(_context, stream, KeysOnDemand.RequestOf(keys), long.MaxValue);
            }

            Evaluator = _context.CreateEvaluator(_keys);
            _slots = new Complex[parameters.SlotCount];
            _values = [.. Enumerable.Range(0, parameters.SlotCount).Select(i => Complex.FromPolarCoordinates(0.5, i))];
            _reals = [.. _values.Select(z => z.Real)];
            _plaintext = _context.Encoder.Encode(_values);
            _encoded = _context.Encoder.Encode(_values);
            X = _context.Encryptor.Encrypt(_secret, _plaintext);
            Y = _context.Encryptor.Encrypt(_publicKey, _plaintext);
            _product = Evaluator.TensorProduct(X, Y);
            _destination = Evaluator.Allocate(parameters.MaxLevel);
            _threeParts = Evaluator.Allocate(parameters.MaxLevel, 3);
            _rotated = [.. Steps.Select(_ => Evaluator.Allocate(parameters.MaxLevel))];
        }

        /// <summary>Operations by name.</summary>
        public static IReadOnlyDictionary<string, Action<Scene>> Calls { get; } = new Dictionary<string, Action<Scene>>
        {
            ["add"] = s => s.Evaluator.AddInto(s.X, s.Y, s._destination),
            ["subtract"] = s => s.Evaluator.SubtractInto(s.X, s.Y, s._destination),
            ["negate"] = s => s.Evaluator.NegateInto(s.X, s._destination),
            ["add plaintext"] = s => s.Evaluator.AddPlainInto(s.X, s._plaintext, s._destination),
            ["multiply plaintext"] = s => s.Evaluator.MultiplyPlainInto(s.X, s._plaintext, s._destination),
            ["multiply integer"] = s => s.Evaluator.MultiplyIntegerInto(s.X, -3, s._destination),
            ["multiply imaginary unit"] = s => s.Evaluator.MultiplyImaginaryUnitInto(s.X, s._destination),
            ["tensor product"] = s => s.Evaluator.TensorProductInto(s.X, s.Y, s._threeParts),
            ["relinearize"] = s => s.Evaluator.RelinearizeInto(s._product, s._destination),
            ["multiply"] = s => s.Evaluator.MultiplyInto(s.X, s.Y, s._destination),
            ["square"] = s => s.Evaluator.SquareInto(s.X, s._destination),
            ["rescale"] = s => s.Evaluator.RescaleInto(s.X, s._destination),
            ["rescale three parts"] = s => s.Evaluator.RescaleInto(s._product, s._threeParts),
            ["rotate"] = s => s.Evaluator.RotateInto(s.X, 1, s._destination),
            ["conjugate"] = s => s.Evaluator.ConjugateInto(s.X, s._destination),
            ["rotate many"] = s => s.Evaluator.RotateManyInto(s.X, Steps, s._rotated),
            ["drop level"] = s => s.Evaluator.DropLevelInto(s.X, 1, s._destination),
            ["copy"] = s => s.Evaluator.CopyInto(s.X, s._destination),
            ["encode"] = s => s._context.Encoder.EncodeInto(s._values, null, null, s._encoded),
            ["encode real, two levels"] = s =>
            {
                s._context.Encoder.EncodeInto(s._reals, 1, null, s._encoded);
                s._context.Encoder.EncodeInto(s._reals, 3, Scale.FromLog2(30), s._encoded);
            },
            ["decode"] = s => s._context.Encoder.DecodeInto(s._plaintext, s._slots),
            ["decrypt"] = s => s._context.Decryptor.DecryptInto(s._secret, s.Y, s._slots),
            ["decrypt three parts"] = s => s._context.Decryptor.DecryptInto(s._secret, s._product, s._slots),
        };

        public CkksEvaluator Evaluator { get; }

        public Ciphertext X { get; }

        public Ciphertext Y { get; }

        public void EncryptInto(bool isPublic)
        {
            if (isPublic)
            {
                _context.Encryptor.EncryptInto(_publicKey, _plaintext, _destination);
            }
            else
            {
                _context.Encryptor.EncryptInto(_secret, _plaintext, _destination);
            }
        }

        public void Dispose()
        {
            Array.ForEach(_rotated, r => r.Dispose());
            Array.ForEach((IDisposable[])[_plaintext, _encoded, X, Y, _product, _destination, _threeParts], d => d.Dispose());
            Array.ForEach((IDisposable[])[_keys, _publicKey, _secret, _context, _backend], d => d.Dispose());
        }
    }
}
