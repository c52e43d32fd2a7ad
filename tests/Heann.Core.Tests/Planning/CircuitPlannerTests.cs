using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Planning;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Planning;

/// <summary>Plan, make what the plan says, run: the levels, keys, sizes and precision are those planned.</summary>
public sealed class CircuitPlannerTests(ITestOutputHelper output)
{
    private static readonly PlanOptions Two = new() { ScaleBits = 36, HeadRoomBits = 12, InputMagnitudes = [0.58, 0.58] };

    public static TheoryData<string, int> NamesAndLevels => new()
    {
        { "sum", 0 }, { "products", 1 }, { "cubic", 2 }, { "variance", 2 }, { "transform", 2 }, { "complex", 1 }, { "logistic", 5 }, { "inverse", 5 },
    };

    [Theory]
    [MemberData(nameof(NamesAndLevels))]
    public void Plan_FindsTheLevelsAndTheRunUnderEncryptionIsAsPlanned(string name, int levels)
    {
        CircuitPlan plan = CircuitPlanner.PlanMany((e, inputs) => PlannedCircuits.Run(name, e, inputs[0], inputs[1]), Two);
        output.WriteLine(plan.ToString());
        Assert.Equal(levels, plan.LevelCount);
        Assert.True(plan.Parameters.SecurityBits >= 128 && plan.Parameters.LogN <= 14, plan.Parameters.ToString());
        Assert.True(levels == 0 || LevelsDoNotSuffice(name, levels - 1));

        using CkksContext context = CkksContext.Create(plan.Parameters);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = context.KeyGenerator.CreateEvaluationKeys(secret, plan.Keys);
        SeededRandom random = RingTestKit.Seeded(levels, 81);
        double[] a = Slots(plan.Parameters.SlotCount, random);
        double[] b = Slots(plan.Parameters.SlotCount, random);
        using Ciphertext x = context.Encrypt(secret, a, 0.58);
        using Ciphertext y = context.Encrypt(secret, b, 0.58);
        CkksEvaluator evaluator = context.CreateEvaluator(keys);
        Ciphertext[] results = PlannedCircuits.Run(name, evaluator, x, y);
        Assert.Equal(plan.Outputs.Select(o => (o.Level, o.Scale, o.PartCount)), results.Select(r => (r.Level, r.Scale, r.PartCount)));
        Assert.Equal(0, results.Min(r => r.Level));
        for (int o = 0; o < results.Length; o++)
        {
            Complex[] slots = context.Decryptor.Decrypt(secret, results[o]);
            double[] expected = [.. Enumerable.Range(0, slots.Length).Select(i => PlannedCircuits.Naive(name, o, a, b, i).Real)];
            PrecisionComparison comparison = plan.Outputs[o].Compare(expected, [.. slots.Select(z => z.Real)]);
            output.WriteLine($"output {o}: {comparison}");
            Assert.True(comparison.IsWithinPrediction && comparison.DifferenceBits > -6, $"{name}, output {o}: {comparison}; seed {random.Seed}");
            results[o].Dispose();
        }

        Assert.Equal((plan.KeyCount, plan.KeyBytes, plan.SeededKeyBytes), (keys.Count, keys.ByteCount, keys.SeededByteCount));
        Assert.Equal((plan.InputBytes, plan.OutputBytes), (x.ByteCount + y.ByteCount, results.Length == 1 ? plan.Outputs[0].ByteCount : plan.Outputs.Sum(r => r.ByteCount)));

        // A transform consists of as many operations as its evaluator makes of it; the plan has the most.
        Assert.InRange(evaluator.OperationCount, name == "transform" ? 1 : plan.OperationCount, plan.OperationCount);
        AssertEveryKeyIsNeeded(name, plan, context, secret, x, y);
    }

    [Fact]
    public void Plan_TakesAGenericMethodAsItStands()
    {
        CircuitPlan plan = CircuitPlanner.Plan(PlannedCircuits.Cubic);
        Assert.Equal((2, 40.0), (plan.LevelCount, plan.Parameters.DefaultScale.Log2));
        PlanStage stage = Assert.Single(plan.Stages);
        Assert.Equal(("square", 3, 1), (stage.Name, stage.Position, stage.Result.Level));
        Assert.Equal(["multiplication", "relinearisation", "rescaling", "level drop", "multiplication", "relinearisation",
            "multiplication by a plaintext", "addition", "rescaling"], plan.Operations.Select(o => o.Name));
        Assert.Equal(Enumerable.Range(1, 9), plan.Operations.Select(o => o.Position));
        Assert.Equal((2, 2, 1, 2), (plan.ProductCount, plan.KeySwitchCount, plan.PlainProductCount, plan.RescaleCount));
        string text = plan.ToString();
        Assert.All((string[])["levels     2; result at level 0", "relinearisation at level 2", "1: relin", "stage      square", "128-bit"],
            part => Assert.Contains(part, text));
    }

    [Fact]
    public void Record_NamesTheOperationItsPositionAndTheLevelsMissing()
    {
        CkksParameters parameters = CkksParameters.Create(13, [48, 36], [49], 2, Scale.FromLog2(36));
        CircuitPlanException error = Assert.Throws<CircuitPlanException>(() => CircuitPlanner.Record(PlannedCircuits.Cubic, parameters));
        Assert.Equal((5, "square", 1), (error.Position, error.AfterStage, error.MissingLevelCount));
        Assert.Contains("Multiplication, operation 5 of the circuit after stage \"square\" in PlannedCircuits.Cubic", error.Message);
        Assert.Contains("needs 1 more level(s): the parameters have 1, take 2 or more", error.Message);
        Assert.IsType<LevelExhaustedException>(error.InnerException);
    }

    [Fact]
    public void Plan_SaysWhereACircuitFailsThatNoLevelMends()
    {
        CircuitPlanException scale = Assert.Throws<CircuitPlanException>(() => CircuitPlanner.Plan((e, x) => e.Add(x, e.MultiplyConstant(x, 1))));
        Assert.Contains("Operation 2 of the circuit in CircuitPlannerTests.Plan_SaysWhereACircuitFailsThatNoLevelMends", scale.Message);
        Assert.Contains("Scales differ: 2^40", scale.Message);
        CircuitPlanException level = Assert.Throws<CircuitPlanException>(() => CircuitPlanner.Plan((e, x) => e.Add(x, e.Rescale(e.Square(x)))));
        Assert.Contains("Operation 4", level.Message);
        Assert.Contains("Levels differ: 1 and 0; use DropLevel", level.Message);
        CircuitPlanException parts = Assert.Throws<CircuitPlanException>(() => CircuitPlanner.Plan((e, x) => e.Rotate(e.TensorProduct(x, x), 1)));
        Assert.Contains("Operation 2", parts.Message);
        Assert.Contains("relinearise it first", parts.Message);
        Assert.Equal((0, 0, 0), (scale.MissingLevelCount, level.MissingLevelCount, parts.MissingLevelCount));
    }

    [Fact]
    public void Plan_GrowsTheScaleUntilThePrecisionIsReached()
    {
        PlanOptions options = new() { ScaleBits = 30, MinPrecisionBits = 22 };
        CircuitPlan plan = CircuitPlanner.Plan(PlannedCircuits.Cubic, options);
        Assert.True(plan.PrecisionBits >= 22 && plan.Parameters.DefaultScale.Log2 > 30);
        double below = plan.Parameters.DefaultScale.Log2 - 2;
        Assert.True(CircuitPlanner.Plan(PlannedCircuits.Cubic, new() { ScaleBits = (int)below }).PrecisionBits < 22);
        CircuitPlanException error = Assert.Throws<CircuitPlanException>(() =>
            CircuitPlanner.Plan(PlannedCircuits.Cubic, new() { MinPrecisionBits = 45 }));
        Assert.Contains("at the largest scale, 2^49, and 45.0 are wanted", error.Message);
    }

    [Fact]
    public void Plan_FindsThatAValueWrapsAndThatLevelsAreLeft()
    {
        CircuitPlan wrapping = CircuitPlanner.Plan((e, x) => e.MultiplyInteger(x, 1 << 20));
        Assert.Contains("Operation 1, multiplication by an integer, wraps by", Assert.Single(wrapping.Findings, f => f.Contains("wraps")));
        Assert.True(wrapping.Outputs[0].BudgetBits < 0);
        CkksParameters parameters = Registry.Parameters("N10L5Dnum3");
        CircuitPlan roomy = CircuitPlanner.Record(PlannedCircuits.Cubic, parameters);
        Assert.Contains("3 level(s) are left at the results", Assert.Single(roomy.Findings, f => f.Contains("left")));
    }

    [Fact]
    public void Plan_FitsTheSlotsTheCircuitAsksFor()
    {
        CircuitPlan plan = CircuitPlanner.Plan((e, x) => e.AddPlain(x, SlotVector.Padded(new double[10], e.SlotCount)), new() { SlotCount = 9000 });
        Assert.Equal(16384, plan.Parameters.SlotCount);
        CircuitPlan publicKey = CircuitPlanner.Plan((e, x) => x, new() { UsesPublicKey = true });
        CircuitPlan secretKey = CircuitPlanner.Plan((e, x) => x);
        Assert.True(publicKey.PrecisionBits < secretKey.PrecisionBits - 1);
    }

    [Fact]
    public void Plan_GivesLevelsOfPlaintextsSmallerPrimesAndTheRunIsAsPrecise()
    {
        static T Weighted<T>(CircuitEvaluator<T> e, T x)
            where T : class, ICircuitValue
        {
            T y = e.Rescale(e.MultiplyPlain(x, SlotVector.Periodic([0.3, -0.7])));
            e.SquareInto(y, y);
            e.RescaleInto(y, y);
            e.MultiplyConstantInto(y, 0.9, null, y);
            e.RescaleInto(y, y);
            return y;
        }

        CircuitPlan plan = CircuitPlanner.Plan(Weighted, new() { PlainPrimeBits = 27 });
        Assert.Equal([50, 27, 40, 27], plan.Parameters.BasisQ.Moduli.Select(q => (int)Math.Round(q.Log2)));
        CircuitPlan equal = CircuitPlanner.Plan(Weighted);
        Assert.True(plan.Parameters.LogN < equal.Parameters.LogN, $"{plan.Parameters} and {equal.Parameters}");
        using CkksContext context = CkksContext.Create(plan.Parameters);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = context.KeyGenerator.CreateEvaluationKeys(secret, plan.Keys);
        double[] slots = Slots(plan.Parameters.SlotCount, RingTestKit.Seeded(82));
        using Ciphertext x = context.Encrypt(secret, slots);
        using Ciphertext y = Weighted(context.CreateEvaluator(keys), x);
        double[] expected = [.. slots.Select((v, i) => 0.9 * Math.Pow(v * (i % 2 == 0 ? 0.3 : -0.7), 2))];
        PrecisionComparison comparison = plan.Outputs[0].Compare(expected, context.Decrypt(secret, y));
        Assert.True(comparison.IsAsPredicted, comparison.ToString());
        Assert.Equal((0, plan.Outputs[0].Scale), (y.Level, y.Scale));
    }

    [Fact]
    public void Plan_TracksProgressAndEndsWhenAsked()
    {
        CircuitPlan plan = CircuitPlanner.RecordMany(
            (e, inputs) => PlannedCircuits.Run("logistic", e, inputs[0], inputs[1]), Registry.Parameters("N11L12Dnum2"), new() { InputMagnitudes = [1, 1] });
        using CkksContext context = CkksContext.Create(plan.Parameters);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = context.KeyGenerator.CreateEvaluationKeys(secret, plan.Keys);
        using Ciphertext x = context.Encrypt(secret, [0.5]);
        List<double> shares = [];
        CkksEvaluator watched = context.CreateEvaluator(keys, plan.Track(new Direct<double>(shares.Add)));
        PlannedCircuits.Run("logistic", watched, x, x)[0].Dispose();
        Assert.Equal(plan.OperationCount, shares.Count);
        Assert.Equal(shares.Order(), shares);
        Assert.Equal(1, shares[^1]);

        // Ended after its tenth operation: nothing more is done.
        using CancellationTokenSource source = new();
        long last = 0;
        CkksEvaluator ended = context.CreateEvaluator(keys, new Direct<long>(n =>
        {
            last = n;
            if (n == 10)
            {
                source.Cancel();
            }
        }), source.Token);
        Assert.Throws<OperationCanceledException>(() => PlannedCircuits.Run("logistic", ended, x, x));
        Assert.Equal(10, last);
        Assert.Throws<OperationCanceledException>(() => CircuitPlanner.Plan(PlannedCircuits.Cubic, cancellation: source.Token));
        List<int> levels = [];
        CircuitPlanner.Plan(PlannedCircuits.Cubic, progress: new Direct<int>(levels.Add));
        Assert.Equal([0, 1, 2], levels);
    }

    [Fact]
    public void Plan_RefusesWhatHasNoMeaning()
    {
        Assert.Throws<ArgumentException>(() => CircuitPlanner.Plan((e, x) => x, new() { InputMagnitudes = [] }));
        Assert.Throws<ArgumentException>(() => CircuitPlanner.Plan((e, x) => x, new() { InputMagnitudes = [1, 1] }));
        Assert.Throws<ArgumentException>(() => CircuitPlanner.Plan((e, x) => x, new() { InputMagnitudes = [double.NaN] }));
        Assert.Throws<ArgumentException>(() => CircuitPlanner.Plan((e, x) => x, new() { ScaleBits = 50 }));
        Assert.Throws<ArgumentException>(() => CircuitPlanner.Plan((e, x) => x, new() { PlainPrimeBits = 24 }));
        Assert.Throws<ArgumentException>(() => CircuitPlanner.PlanMany((e, x) => [], new()));
        Assert.Throws<ArgumentOutOfRangeException>(() => CircuitPlanner.Plan((e, x) => x, new() { SlotCount = 1 << 20 }));
        CircuitPlanException deep = Assert.Throws<CircuitPlanException>(() =>
            CircuitPlanner.Plan(PlannedCircuits.Cubic, new() { MaxLevelCount = 1 }));
        Assert.Equal(1, deep.MissingLevelCount);
        Assert.Throws<InsufficientSecurityException>(() => CircuitPlanner.Plan((e, x) =>
        {
            for (int i = 0; i < 90; i++)
            {
                e.MultiplyConstantInto(x, 0.5, null, x);
                e.RescaleInto(x, x);
            }

            return x;
        }));
    }

    private static bool LevelsDoNotSuffice(string name, int levels)
    {
        CkksParameters fewer = ParamGen.Choose(128, 1, levels, 36, 48);
        return Assert.Throws<CircuitPlanException>(() => CircuitPlanner.RecordMany(
            (e, inputs) => PlannedCircuits.Run(name, e, inputs[0], inputs[1]), fewer, Two)).MissingLevelCount > 0;
    }

    private static void AssertEveryKeyIsNeeded(string name, CircuitPlan plan, CkksContext context, SecretKey secret, Ciphertext x, Ciphertext y)
    {
        IEnumerable<GaloisElement?> missing = plan.Keys.Galois.Keys.Select(k => (GaloisElement?)k);
        if (plan.Keys.RelinearizationLevel is not null)
        {
            missing = missing.Append(null);
        }

        foreach (GaloisElement? left in missing)
        {
            KeyRequest request = new();
            if (left is not null && plan.Keys.RelinearizationLevel is { } level)
            {
                request.AddRelinearization(level);
            }

            foreach ((GaloisElement element, int elementLevel) in plan.Keys.Galois.Where(pair => pair.Key != left))
            {
                request.AddGalois(element, elementLevel);
            }

            using EvaluationKeys fewer = context.KeyGenerator.CreateEvaluationKeys(secret, request);
            Assert.Throws<MissingKeyException>(() => PlannedCircuits.Run(name, context.CreateEvaluator(fewer), x, y));
        }
    }

    private static double[] Slots(int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];

    private sealed class Direct<TValue>(Action<TValue> action) : IProgress<TValue>
    {
        public void Report(TValue value) => action(value);
    }
}
