using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

/// <summary>Each error has its exact type, and its message names both values and a remedy. Operands stay as they were.</summary>
public sealed class EvaluatorErrorTests : IDisposable
{
    private readonly CkksScene _scene;
    private readonly CkksEvaluator _e;
    private readonly Ciphertext _x;

    public EvaluatorErrorTests(CkksScenes scenes)
    {
        _scene = scenes["N10L2Dnum3"];
        _e = _scene.Evaluator;
        _x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(1)));
    }

    public void Dispose() => _x.Dispose();

    [Fact]
    public void LevelMismatch_NamesBothLevelsAndDropLevel()
    {
        using Ciphertext low = _e.DropLevel(_x, 1);
        using Plaintext plain = _scene.Context.Encoder.Encode([1.0], 1);
        foreach (Action action in (Action[])[
            () => _e.Add(_x, low), () => _e.Subtract(_x, low), () => _e.Multiply(_x, low), () => _e.TensorProduct(_x, low),
            () => _e.AddPlain(_x, plain), () => _e.MultiplyPlain(_x, plain)])
        {
            AssertThrows<LevelMismatchException>(action, "2 and 1", "DropLevel");
        }

        AssertThrows<LevelMismatchException>(() => _e.Add(low, _x), "1 and 2", "DropLevel");
    }

    [Fact]
    public void ScaleMismatch_NamesBothScalesAndTheRemedy()
    {
        using Ciphertext other = _e.MultiplyConstant(_x, 1.0, Scale.FromLog2(20));
        using Plaintext plain = _scene.Context.Encoder.Encode([1.0], scale: Scale.FromLog2(35));
        AssertThrows<ScaleMismatchException>(() => _e.Add(_x, other), "2^36.00 and 2^56.00", "rescale");
        AssertThrows<ScaleMismatchException>(() => _e.Subtract(_x, other), "2^36.00 and 2^56.00", "before subtracting");
        AssertThrows<ScaleMismatchException>(() => _e.AddPlain(_x, plain), "2^36.00 and 2^35.00", "rescale");
    }

    [Fact]
    public void Scales_MatchWithinTheToleranceAndTheDifferenceEntersTheNoise()
    {
        Complex[] slots = _scene.Slots(RingTestKit.Seeded(2));
        Scale near = new(_x.Scale.Value * (1 + (0.99 / Math.Pow(2, 40))));
        Scale far = new(_x.Scale.Value * (1 + (1.01 / Math.Pow(2, 40))));
        using Ciphertext y = _scene.Encrypt(slots, scale: near);
        using Ciphertext z = _scene.Encrypt(slots, scale: far);
        using Ciphertext sum = _e.Add(_x, y);
        Assert.Equal(_x.Scale, sum.Scale);
        double mismatch = _x.Scale.Value * _x.Scale.RelativeDifference(near) * y.Noise.Magnitude / Math.Sqrt(1024);
        Assert.Equal(Math.Sqrt((_x.Noise.Sigma * _x.Noise.Sigma) + (y.Noise.Sigma * y.Noise.Sigma) + (mismatch * mismatch)), sum.Noise.Sigma, 1e-9);
        AssertThrows<ScaleMismatchException>(() => _e.Add(_x, z), "2^36.00 and 2^36.00", "9.2E-013");
    }

    [Fact]
    public void LevelExhausted_NamesWhatIsLeftAndWhatIsNeeded()
    {
        using Ciphertext zero = _e.DropLevel(_x, 0);
        using Plaintext plain = _scene.Context.Encoder.Encode([1.0], 0);
        foreach (Action action in (Action[])[
            () => _e.Rescale(zero), () => _e.RescaleInto(zero, zero), () => _e.Multiply(zero, zero), () => _e.TensorProduct(zero, zero),
            () => _e.MultiplyPlain(zero, SlotVector.Constant(1)), () => _e.MultiplyPlain(zero, plain), () => _e.MultiplyConstant(zero, 2)])
        {
            AssertThrows<LevelExhaustedException>(action, "needs 1 level(s) and 0 are left", "1 more level(s)");
        }

        Assert.Equal(0, zero.Level);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void DropLevel_RefusesLevelsThatTheCiphertextDoesNotHave(int level) => AssertThrows<ArgumentOutOfRangeException>(
        () => _e.DropLevel(_x, level), "at level 2", $"0 to 2, not to {level}");

    [Fact]
    public void MissingKey_NamesTheKeyAndWhatThereIs()
    {
        AssertThrows<MissingKeyException>(() => _e.Rotate(_x, 5), "rotation by 5", "1, 2, 3, 4", "KeyGenerator");
        AssertThrows<MissingKeyException>(() => _e.Rotate(_x, -5), $"rotation by {_scene.SlotCount - 5}");
        AssertThrows<MissingKeyException>(() => _e.RotateMany(_x, [1, 5]), "rotation by 5");
        AssertThrows<MissingKeyException>(() => _e.RotateSum(_x, [1, 5]), "rotation by 5");
        AssertThrows<MissingKeyException>(() => _e.Transform(_x, new(new DiagonalMatrix(8, 0, 7, (_, _) => 1), 8)), "rotation by 5");
        using EvaluationKeys none = _scene.Context.KeyGenerator.CreateEvaluationKeys(_scene.Secret, new KeyRequest());
        CkksEvaluator bare = _scene.Context.CreateEvaluator(none);
        AssertThrows<MissingKeyException>(() => bare.Multiply(_x, _x), "relinearisation", "no relinearisation, 0 Galois: none");
        AssertThrows<MissingKeyException>(() => bare.Conjugate(_x), "conjugation");
        Assert.Equal(2, bare.Add(_x, _x).PartCount);
    }

    [Fact]
    public void PartCount_NamesBothCountsAndRelinearisation()
    {
        using Ciphertext three = _e.TensorProduct(_x, _x);
        foreach (Action action in (Action[])[
            () => _e.Rotate(three, 1), () => _e.Conjugate(three), () => _e.RotateMany(three, [1]), () => _e.RotateSum(three, [1]),
            () => _e.Multiply(three, _x), () => _e.TensorProduct(_x, three), () => _e.Transform(three, new(new DiagonalMatrix(1, 0, 0, (_, _) => 1), 1))])
        {
            AssertThrows<InvalidOperationException>(action, "of 2 parts", "has 3", "relinearise");
        }
    }

    [Fact]
    public void ForeignKeysAndParameters_AreRefusedWithBothNamed()
    {
        using SecretKey other = _scene.Context.KeyGenerator.CreateSecretKey();
        using Ciphertext foreignKey = _scene.Context.Encrypt(other, [1.0]);
        foreach (Action action in (Action[])[
            () => _e.Add(_x, foreignKey), () => _e.Add(foreignKey, _x), () => _e.Negate(foreignKey), () => _e.Rescale(foreignKey), () => _e.Rotate(foreignKey, 1),
            () => _e.Multiply(foreignKey, foreignKey), () => _e.Copy(foreignKey), () => _e.AddConstant(foreignKey, 1), () => _scene.Decrypt(foreignKey)])
        {
            AssertThrows<ForeignOperandException>(action, other.Id.ToString(), _scene.Secret.Id.ToString());
        }

        using CkksContext context = CkksContext.Create(Registry.Parameters("N10L5Dnum3"));
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = context.KeyGenerator.CreateEvaluationKeys(secret, new KeyRequest());
        using Ciphertext foreign = context.Encrypt(secret, [1.0]);
        using Plaintext plain = context.Encoder.Encode([1.0], 2);
        foreach (Action action in (Action[])[
            () => _e.Add(_x, foreign), () => _e.Negate(foreign), () => _e.AddInto(_x, _x, foreign), () => _e.RotateInto(_x, 1, foreign), () => _e.AddPlain(_x, plain),
            () => _e.MultiplyPlain(_x, plain), () => _scene.Context.CreateEvaluator(keys), () => _scene.Decrypt(foreign), () => context.Decrypt(secret, _x),
            () => _scene.Context.Decryptor.Decrypt(secret, foreign), () => _scene.Context.Encryptor.Encrypt(_scene.Secret, plain), () => _scene.Context.Encryptor.Encrypt(_scene.PublicKey, plain)])
        {
            AssertThrows<ForeignOperandException>(action, context.Parameters.Id.ToString(), _scene.Parameters.Id.ToString());
        }

        Assert.Equal(5, foreign.Level);
    }

    [Fact]
    public void ClearAndRecordedValues_OfOtherParametersAreRefusedToo()
    {
        ClearEvaluator clear = new(Registry.Parameters("N6L7Dnum2"));
        ClearValue a = clear.Create(SlotVector.Constant(1));
        AssertThrows<ForeignOperandException>(() => _scene.Clear.Add(a, a), "32 slots", "512 slots");
        RecordingEvaluator first = new(_scene.Parameters);
        RecordingEvaluator second = new(Registry.Parameters("N10L5Dnum3"));
        RecordedValue b = second.Create();
        AssertThrows<ForeignOperandException>(() => first.Negate(b), _scene.Parameters.Id.ToString(), second.Parameters.Id.ToString());
    }

    [Fact]
    public void DisposedOperandsAndDestinations_AreRefused()
    {
        Ciphertext gone = _e.Copy(_x);
        gone.Dispose();
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _e.Add(gone, _x));
        Assert.Throws<ObjectDisposedException>(() => _e.Rotate(gone, 1));
        Assert.Throws<ObjectDisposedException>(() => _e.AddInto(_x, _x, gone));
        Assert.Throws<ObjectDisposedException>(() => _scene.Decrypt(gone));
    }

    [Fact]
    public void NullsAndEmptyLists_AreRefused()
    {
        Assert.Throws<ArgumentNullException>(() => _e.Add(null!, _x));
        Assert.Throws<ArgumentNullException>(() => _e.Add(_x, null!));
        Assert.Throws<ArgumentNullException>(() => _e.AddInto(_x, _x, null!));
        Assert.Throws<ArgumentNullException>(() => _e.AddPlain(_x, (SlotVector)null!));
        Assert.Throws<ArgumentNullException>(() => _e.Transform(_x, null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => _e.RotateSum(_x, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => _e.Allocate(3));
        Assert.Throws<ArgumentException>(() => _e.AddPlain(_x, SlotVector.Periodic(new double[1024])));
    }

    private static void AssertThrows<TException>(Action action, params string[] words)
        where TException : Exception
    {
        TException error = Assert.Throws<TException>(action);
        Assert.All(words, word => Assert.Contains(word, error.Message));
    }
}
