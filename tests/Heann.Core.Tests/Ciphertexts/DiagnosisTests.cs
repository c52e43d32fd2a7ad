using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Noise;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Ciphertexts;

/// <summary>What a diagnosis says of values in different states, and how it compares with what is decrypted.</summary>
public sealed class DiagnosisTests(CkksScenes scenes)
{
    private readonly CkksScene _scene = scenes["N10L5Dnum3"];

    [Fact]
    public void Diagnosis_IsThatOfTheCiphertextOnAllKindsOfValues()
    {
        Complex[] slots = _scene.Slots(RingTestKit.Seeded(91), isReal: true);
        using Ciphertext x = _scene.Encrypt(slots, 3);
        Diagnosis d = x.Diagnose();
        Assert.Equal((3, 5, 1024, 2), (d.Level, d.MaxLevel, d.RingDegree, d.PartCount));
        Assert.Equal((x.Scale, x.Noise, x.BudgetBits, x.ByteCount), (d.Scale, d.Noise, d.BudgetBits, d.ByteCount));
        Assert.Equal((170, 40), (Math.Round(d.ModulusBits), Math.Round(d.PrimeBits)));
        Assert.Empty(d.Findings);
        Assert.Equal(d, _scene.Evaluator.Diagnose(x));
        Assert.Equal(d, _scene.Clear.Diagnose(_scene.Twin(slots, 3)));
        string text = d.ToString();
        Assert.All((string[])["level      3 of 5, log Q = 170.0 bits", "scale      2^40.00 = 1099511627776", "parts      2, 0.06 MiB", "magnitude 0.5",
            "bits after the point", "budget     "], part => Assert.Contains(part, text));
    }

    [Fact]
    public void Findings_NameWhatIsWrongWithTheRemedy()
    {
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(92)), 2);
        CkksEvaluator e = _scene.Evaluator;
        using Ciphertext three = e.TensorProduct(x, x);
        Assert.Equal(2, three.Diagnose().Findings.Count);
        Assert.Contains("relinearise before", three.Diagnose().ToString());
        Assert.Contains("rescale by q_2 of 40 bits", three.Diagnose().ToString());
        using Ciphertext last = e.DropLevel(x, 0);
        Assert.Contains("No level is left", Assert.Single(last.Diagnose().Findings));
        e.MultiplyIntegerInto(last, 1L << 30, last);
        Assert.Contains("It has wrapped: message and error exceed the modulus by", last.Diagnose().ToString());
        using Ciphertext drowned = e.MultiplyConstant(x, 1, new Scale(2.5));
        e.RescaleInto(drowned, drowned);
        Assert.Contains("Nothing is left of the message", drowned.Diagnose().ToString());
        x.Dispose();
        Assert.Throws<ObjectDisposedException>(() => x.Diagnose());
    }

    [Fact]
    public void Compare_HoldsMeasuredAgainstPredicted()
    {
        SeededRandom random = RingTestKit.Seeded(93);
        Complex[] slots = _scene.Slots(random, isReal: true);
        double[] expected = [.. slots.Select(z => z.Real)];
        using Ciphertext x = _scene.Encrypt(slots);
        double[] actual = _scene.Context.Decrypt(_scene.Secret, x);
        PrecisionComparison good = x.Diagnose().Compare(expected, actual);
        Assert.True(good is { IsAsPredicted: true, IsWithinPrediction: true }, good.ToString());
        Assert.Contains("as predicted", good.ToString());
        PrecisionComparison bad = x.Diagnose().Compare(expected, [.. actual.Select(v => v + 1e-3)]);
        Assert.True(bad is { IsAsPredicted: false, IsWithinPrediction: false, DifferenceBits: > 10 });
        Assert.Contains("WORSE than predicted", bad.ToString());
        PrecisionComparison better = x.Diagnose().Compare(expected, [.. expected.Select(v => v + 1e-14)]);
        Assert.True(better is { IsAsPredicted: false, IsWithinPrediction: true });
        Assert.Throws<ArgumentException>(() => x.Diagnose().Compare(expected, [1.0]));
    }
}
