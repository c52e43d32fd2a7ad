using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

/// <summary>What must hold for any slots and any rotations. FsCheck prints the seed of a failing run, and each message that of its
/// slots.</summary>
public sealed class HomomorphismProperties(CkksScenes scenes)
{
    private static readonly int[] Steps = [.. Enumerable.Range(-16, 33)];

    private readonly CkksScene _scene = scenes["N6L7Dnum2"];

    private static Gen<int> Seeds => Gen.Choose(0, int.MaxValue - 1);

    [Fact]
    public void AdditionAndMultiplication_AreHomomorphic() => Check(Seeds, seed =>
    {
        SeededRandom random = new(seed);
        (Complex[] a, Complex[] b, int level) = (_scene.Slots(random), _scene.Slots(random), random.Next(1, 8));
        using Ciphertext x = _scene.Encrypt(a, level);
        using Ciphertext y = _scene.Encrypt(b, level);
        _scene.AssertSlots(i => a[i] + b[i], _scene.Evaluator.Add(x, y), "sum", random);
        _scene.AssertSlots(i => a[i] - b[i], _scene.Evaluator.Subtract(x, y), "difference", random);
        using Ciphertext product = _scene.Evaluator.Rescale(_scene.Evaluator.Multiply(x, y));
        _scene.AssertSlots(i => a[i] * b[i], product, "product", random);
        Assert.Equal((level - 1, x.Scale * y.Scale / _scene.Parameters.BasisQ[level].Value), (product.Level, product.Scale));
    });

    [Fact]
    public void Multiplication_DistributesAndCommutes() => Check(Seeds, seed =>
    {
        SeededRandom random = new(seed);
        (Complex[] a, Complex[] b, Complex[] c) = (_scene.Slots(random), _scene.Slots(random), _scene.Slots(random));
        (Ciphertext x, Ciphertext y, Ciphertext z) = (_scene.Encrypt(a, 2), _scene.Encrypt(b, 2), _scene.Encrypt(c, 2));
        var e = _scene.Evaluator;
        using Ciphertext left = e.Rescale(e.Multiply(x, e.Add(y, z)));
        using Ciphertext right = e.Rescale(e.Add(e.Multiply(x, y), e.Multiply(x, z)));
        _scene.AssertSlots(i => a[i] * (b[i] + c[i]), left, "x(y + z)", random);
        _scene.AssertSlots(i => a[i] * (b[i] + c[i]), right, "xy + xz", random);
        Assert.Equal((left.Level, left.Scale), (right.Level, right.Scale));

        // Without relinearisation both orders are the same residues.
        Assert.Equal(_scene.Residues(e.TensorProduct(x, y)), _scene.Residues(e.TensorProduct(y, x)));
    });

    [Fact]
    public void Rotations_ComposeAndUndoEachOther() => Check(Gen.Zip(Seeds, Gen.Zip(Gen.Elements(Steps), Gen.Elements(Steps))), pair =>
    {
        (int seed, (int j, int k)) = pair;
        SeededRandom random = new(seed);
        Complex[] a = _scene.Slots(random);
        using Ciphertext x = _scene.Encrypt(a, random.Next(0, 8));
        using Ciphertext once = _scene.Evaluator.Rotate(x, j);
        using Ciphertext twice = _scene.Evaluator.Rotate(once, k);
        _scene.AssertSlots(i => a[(i + j + k + 64) % 32], twice, $"rotation by {j}, then {k}", random);
        using Ciphertext back = _scene.Evaluator.Rotate(once, -j);
        _scene.AssertSlots(a, back, $"rotation by {j} and back", random);
        Assert.Equal((x.Level, x.Scale, 2), (back.Level, back.Scale, back.PartCount));
    });

    [Fact]
    public void Conjugation_IsItsOwnInverseCommutesWithRotationsAndRespectsProducts() => Check(Gen.Zip(Seeds, Gen.Elements(Steps)), pair =>
    {
        (int seed, int k) = pair;
        SeededRandom random = new(seed);
        (Complex[] a, Complex[] b) = (_scene.Slots(random), _scene.Slots(random));
        using Ciphertext x = _scene.Encrypt(a, 2);
        using Ciphertext y = _scene.Encrypt(b, 2);
        var e = _scene.Evaluator;
        _scene.AssertSlots(a, e.Conjugate(e.Conjugate(x)), "twice", random);
        _scene.AssertSlots(i => Complex.Conjugate(a[(i + k + 32) % 32]), e.Conjugate(e.Rotate(x, k)), $"after rotation by {k}", random);
        _scene.AssertSlots(i => Complex.Conjugate(a[(i + k + 32) % 32]), e.Rotate(e.Conjugate(x), k), $"before rotation by {k}", random);
        _scene.AssertSlots(i => Complex.Conjugate(a[i] * b[i]), e.Rescale(e.Multiply(e.Conjugate(x), e.Conjugate(y))), "product", random);
        _scene.AssertSlots(i => a[i].Real, e.Rescale(e.MultiplyConstant(e.Add(x, e.Conjugate(x)), 0.5)), "real part", random);
    });

    [Fact]
    public void LinearMaps_AreLinear() => Check(Seeds, seed =>
    {
        SeededRandom random = new(seed);
        (Complex[] a, Complex[] b) = (_scene.Slots(random), _scene.Slots(random));
        double c = (random.NextDouble() * 4) - 2;
        Core.Evaluation.LinearTransform map = new(new DiagonalMatrix(8, -3, 4, (_, _) => random.NextDouble() - 0.5), 4);
        using Ciphertext x = _scene.Encrypt(a, 3);
        using Ciphertext y = _scene.Encrypt(b, 3);
        var e = _scene.Evaluator;
        Ciphertext Scaled(Ciphertext z) => e.Rescale(e.MultiplyConstant(z, c));
        using Ciphertext left = e.Rescale(e.Transform(e.Add(Scaled(x), e.DropLevel(y, 2)), map));
        using Ciphertext right = e.Add(Scaled(e.Rescale(e.Transform(x, map))), e.DropLevel(e.Rescale(e.Transform(y, map)), 1));
        Assert.Equal(1, left.Level);
        Assert.Equal(1, right.Level);
        Complex[] expected = Naive(map.Matrix, [.. a.Zip(b, (p, q) => (c * p) + q)]);
        _scene.AssertSlots(expected, left, "A(cx + y)", random);
        _scene.AssertSlots(expected, right, "cAx + Ay", random);
    });

    [Fact]
    public void JoinedMaps_AreTwoMapsOfOneVectorAndOneMapOfTwo() => Check(Seeds, seed =>
    {
        SeededRandom random = new(seed);
        DiagonalMatrix Map(int min, int max) => new(8, min, max, (_, _) => random.NextDouble() - 0.5);
        (DiagonalMatrix a, DiagonalMatrix b) = (Map(-random.Next(0, 5), 3), Map(-2, random.Next(0, 6)));
        Core.Evaluation.LinearTransform joined = new(DiagonalMatrix.Join(a, b), 4);
        Complex[] real = [.. _scene.Slots(random).Select(z => new Complex(z.Real, 0))];
        Complex[] other = [.. _scene.Slots(random).Select(z => new Complex(z.Real, 0))];
        (Complex[] mapped, Complex[] alsoMapped) = (Naive(a, real), Naive(b, real));
        var e = _scene.Evaluator;
        using Ciphertext x = _scene.Encrypt(real, 3), y = _scene.Encrypt(other, 3);
        using Ciphertext two = e.Rescale(e.Transform(x, joined));
        _scene.AssertSlots(i => mapped[i] + (Complex.ImaginaryOne * alsoMapped[i]), two, "A x + i B x", random);
        using Ciphertext one = e.Rescale(e.Transform(e.Join(x, e.Negate(y)), joined));
        Complex[] fromOther = Naive(b, other);
        Complex[] expected = [.. Naive(joined.Matrix, [.. real.Zip(other, (p, q) => p - (Complex.ImaginaryOne * q))])];
        Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal((mapped[i] + fromOther[i]).Real, expected[i].Real, 1e-12));
        _scene.AssertSlots(expected, one, "(A + iB)(x - iy)", random);
    });

    [Fact]
    public void PlainOperands_ActAsEncryptedOnes() => Check(Seeds, seed =>
    {
        SeededRandom random = new(seed);
        (Complex[] a, Complex[] b) = (_scene.Slots(random), _scene.Slots(random));
        int level = random.Next(1, 8);
        double weight = random.Next(-1000, 1000);
        SlotVector v = SlotVector.Periodic(b.AsSpan(0, 1 << random.Next(0, 6)));
        using Ciphertext x = _scene.Encrypt(a, level);
        var e = _scene.Evaluator;
        using Ciphertext product = e.Rescale(e.MultiplyPlain(x, v));
        _scene.AssertSlots(i => a[i] + v[i], e.AddPlain(x, v), "sum", random);
        _scene.AssertSlots(i => a[i] * v[i], product, "product", random);
        _scene.AssertSlots(i => a[i] * weight, e.MultiplyInteger(x, (long)weight), $"times {weight}", random);
        Assert.True(product.Level == level - 1 && product.Scale.RelativeDifference(x.Scale) < 1e-15);
    });

    private static Complex[] Naive(DiagonalMatrix matrix, Complex[] x) =>
        [.. Enumerable.Range(0, x.Length).Select(i => matrix.Shifts.Aggregate(
        Complex.Zero, (sum, k) => sum + (matrix.Shifted(k, 0)[i % matrix.Period] * x[(i + k + x.Length) % x.Length])))];

    private static void Check<T>(Gen<T> generator, Action<T> property) => FsCheck.Fluent.Prop
        .ForAll(generator.ToArbitrary(), property)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(25));
}
