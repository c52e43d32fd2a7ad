using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

/// <summary>The expanded form, three parts: everything but key switches works on it, and what needs two parts says so.</summary>
public sealed class ExpandedFormTests(CkksScenes scenes)
{
    private delegate Ciphertext Step(CkksEvaluator e, Ciphertext three, Ciphertext other);

    private readonly CkksScene _scene = scenes["N10L5Dnum3"];

    // On x·y rescaled, three parts at level 3, and a second such value; what becomes of slots p and q.
    private static readonly Dictionary<string, (Step Run, Func<Complex, Complex, Complex> Naive)> Cases = new()
    {
        ["add"] = ((e, t, o) => e.Add(t, o), (p, q) => p + q),
        ["subtract"] = ((e, t, o) => e.Subtract(o, t), (p, q) => q - p),
        ["negate"] = ((e, t, _) => e.Negate(t), (p, _) => -p),
        ["sum"] = ((e, t, o) => e.Sum(t, o, t), (p, q) => (2 * p) + q),
        ["vector product, rescaled"] = ((e, t, _) => e.Rescale(e.MultiplyPlain(t, SlotVector.Constant(new Complex(0.6, -0.3)))), (p, _) => p * new Complex(0.6, -0.3)),
        ["constant product, rescaled"] = ((e, t, _) => e.Rescale(e.MultiplyConstant(t, -1.7)), (p, _) => -1.7 * p),
        ["integer product"] = ((e, t, _) => e.MultiplyInteger(t, 9), (p, _) => 9 * p),
        ["imaginary product"] = ((e, t, _) => e.MultiplyImaginaryUnit(t), (p, _) => Complex.ImaginaryOne * p),
        ["constant sum"] = ((e, t, _) => e.AddConstant(t, new Complex(1, 2)), (p, _) => p + new Complex(1, 2)),
        ["rescaled twice"] = ((e, t, _) => e.Rescale(e.MultiplyConstant(e.Rescale(e.MultiplyConstant(t, 0.5)), 3)), (p, _) => 1.5 * p),
        ["dropped"] = ((e, t, _) => e.DropLevel(t, 1), (p, _) => p),
        ["copied"] = ((e, t, _) => e.Copy(t), (p, _) => p),
        ["two parts added"] = ((e, t, o) => e.Add(t, e.Relinearize(o)), (p, q) => p + q),
        ["two parts less three"] = ((e, t, o) => e.Subtract(e.Relinearize(o), t), (p, q) => q - p),
        ["relinearised late"] = ((e, t, o) => e.Relinearize(e.Rescale(e.MultiplyConstant(e.Add(t, o), 0.25))), (p, q) => 0.25 * (p + q)),
        ["weights"] = ((e, t, o) =>
        {
            Ciphertext result = e.Allocate(0);
            e.MultiplyIntegerMatrixInto([3, -2], [t, o], new Scale(1), [result]);
            return result;
        }, (p, q) => (3 * p) - (2 * q)),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Operation_OnThreePartsDecryptsToItsNaiveMeaning(string name)
    {
        SeededRandom random = RingTestKit.Seeded(name.Length, 31);
        (Complex[] a, Complex[] b) = (_scene.Slots(random), _scene.Slots(random));
        using Ciphertext x = _scene.Encrypt(a, 4);
        using Ciphertext y = _scene.Encrypt(b, 4);
        using Ciphertext three = _scene.Evaluator.Rescale(_scene.Evaluator.TensorProduct(x, y));
        using Ciphertext other = _scene.Evaluator.Rescale(_scene.Evaluator.TensorProduct(y, y));
        Assert.Equal((3, 3), (three.PartCount, three.Level));
        using Ciphertext result = Cases[name].Run(_scene.Evaluator, three, other);
        Assert.Equal(name.StartsWith("relin", StringComparison.Ordinal) ? 2 : 3, result.PartCount);
        _scene.AssertSlots(i => Cases[name].Naive(a[i] * b[i], b[i] * b[i]), result, name, random);
    }

    [Fact]
    public void Operation_ThatSwitchesKeysSaysThatItTakesTwoParts()
    {
        CkksEvaluator e = _scene.Evaluator;
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(32)), 3);
        using Ciphertext three = e.TensorProduct(x, x);
        LinearTransform transform = new(new DiagonalMatrix(4, 0, 1, (_, _) => 1), 2);
        Action[] refused =
        [
            () => e.Rotate(three, 1), () => e.Conjugate(three), () => e.RotateMany(three, [1]), () => e.RotateSum(three, [0, 1]),
            () => e.TensorProduct(three, x), () => e.Multiply(x, three), () => e.Square(three), () => e.Split(three), () => e.RealPartInto(three, x),
            () => e.SumOfProducts([x, three], [x, x]), () => e.TensorProductSum([x, x], [x, three]), () => e.Transform(three, transform),
            () => InnerSum.Evaluate(e, three, 1, 4),
        ];
        foreach (Action action in refused)
        {
            string message = Assert.Throws<InvalidOperationException>(action).Message;
            Assert.Contains("takes a ciphertext of 2 parts and this one has 3; relinearise it first", message);
        }
    }
}
