using System.Collections.Concurrent;
using System.Numerics;
using System.Xml.Linq;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Planning;
using Heann.Core.Tests.Evaluation;
using Heann.Core.Tests.Planning;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests;

/// <summary>Every public type says what may be used in parallel, and what may be is: one context, one evaluator, shared keys and operands.</summary>
public sealed class ThreadSafetyTests(CkksScenes scenes)
{
    private static readonly ParallelOptions Crowd = new() { MaxDegreeOfParallelism = 8 };

    [Fact]
    public void EveryPublicType_SaysWhatMayBeUsedInParallel()
    {
        string path = Path.ChangeExtension(typeof(CkksContext).Assembly.Location, ".xml");
        Dictionary<string, string> docs = XDocument.Load(path).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, member => member.Value);
        Type[] types = [.. typeof(CkksContext).Assembly.GetExportedTypes().Where(t => !t.IsEnum && !t.IsNested && !t.IsAssignableTo(typeof(Exception)))];
        Assert.True(types.Length > 60);
        string[] silent = [.. types.Where(t => !docs[$"T:{t.FullName}"].Contains("hread-safe", StringComparison.Ordinal)).Select(t => t.FullName!)];
        Assert.Empty(silent);
    }

    [Fact]
    public void Operations_OnSharedOperandsAndKeysGiveTheSameResiduesAsOneAfterAnother()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        SeededRandom random = RingTestKit.Seeded(101);
        using Ciphertext x = scene.Encrypt(scene.Slots(random), 3);
        using Ciphertext y = scene.Encrypt(scene.Slots(random), 3);
        string[] names = [.. Operation.AtAnyLevel, .. Operation.AboveLevel0];
        CkksEvaluator fresh = scene.Context.CreateEvaluator(scene.Keys);
        ulong[][] Run(CkksEvaluator evaluator, string name)
        {
            using Ciphertext result = Operation.Run(name, evaluator, x, y);
            return scene.Residues(result);
        }

        ConcurrentDictionary<(string, int), ulong[][]> parallel = [];
        Parallel.For(0, 3 * names.Length, Crowd, i => parallel[(names[i % names.Length], i / names.Length)] = Run(fresh, names[i % names.Length]));
        foreach (string name in names)
        {
            ulong[][] expected = Run(scene.Evaluator, name);
            Assert.All(Enumerable.Range(0, 3), round => Assert.Equal(expected, parallel[(name, round)]));
        }
    }

    [Fact]
    public void WholeClients_EncryptEvaluateAndDecryptAtOnceOnOneContext()
    {
        CkksScene scene = scenes["N11L12Dnum2"];
        ApproximationPolynomial p = ApproximationPolynomial.FitChebyshev(Math.Exp, -1, 1, 7);
        using PublicKey publicKey = scene.Context.KeyGenerator.CreatePublicKey(scene.Secret);
        Parallel.For(0, 24, Crowd, i =>
        {
            SeededRandom random = RingTestKit.Seeded(i, 102);
            double[] slots = [.. scene.Slots(random, isReal: true).Select(z => z.Real)];
            using Ciphertext x = i % 2 == 0 ? scene.Context.Encrypt(scene.Secret, slots) : scene.Context.Encrypt(publicKey, slots);
            using Ciphertext y = PolynomialEvaluator.Evaluate(scene.Evaluator, x, p);
            using Ciphertext rotated = scene.Evaluator.Rotate(y, 3);
            double[] expected = [.. slots.Select((_, k) => p.Evaluate(slots[(k + 3) % slots.Length]))];
            PrecisionComparison comparison = rotated.Diagnose().Compare(expected, scene.Context.Decrypt(scene.Secret, rotated));
            Assert.True(comparison.IsWithinPrediction, $"client {i}: {comparison}; seed {random.Seed}");
        });
    }

    [Fact]
    public void Encodings_AreTheSameToTheBitFromManyThreads()
    {
        CkksScene scene = scenes["N10Mixed"];
        SlotVector[] vectors = [.. Enumerable.Range(0, 8).Select(k => SlotVector.Padded(scene.Slots(RingTestKit.Seeded(k, 103)), scene.SlotCount))];
        SlotEncoder fresh = new(scene.Parameters, scene.Context.Backend);
        ulong[] Encode(SlotEncoder encoder, int k)
        {
            using Plaintext plaintext = encoder.Encode(vectors[k]);
            return plaintext.Polynomial.ToResidues();
        }

        ulong[][] parallel = new ulong[32][];
        Parallel.For(0, 32, Crowd, i => parallel[i] = Encode(fresh, i % 8));
        Assert.All(Enumerable.Range(0, 32), i => Assert.Equal(Encode(scene.Context.Encoder, i % 8), parallel[i]));
    }

    [Fact]
    public void KeysAndPlans_AreMadeAtOnce()
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        string expected = CircuitPlanner.Plan(PlannedCircuits.Cubic).ToString();
        Complex[] slots = scene.Slots(RingTestKit.Seeded(104));
        Parallel.For(0, 12, Crowd, i =>
        {
            Assert.Equal(expected, CircuitPlanner.Plan(PlannedCircuits.Cubic).ToString());
            using SecretKey secret = scene.Context.KeyGenerator.CreateSecretKey();
            using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([i + 1], 2));
            using Plaintext plaintext = scene.Context.Encoder.Encode(slots, 2);
            using Ciphertext x = scene.Context.Encryptor.Encrypt(secret, plaintext);
            using Ciphertext y = scene.Context.CreateEvaluator(keys).Rotate(x, i + 1);
            Complex[] rotated = scene.Context.Decryptor.Decrypt(secret, y);
            Assert.True(rotated.Select((z, k) => (z - slots[(k + i + 1) % slots.Length]).Magnitude).Max() < 1e-6);
        });
    }

    [Fact]
    public void OperationCount_LosesNothingToOtherThreads()
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        using Ciphertext x = scene.Encrypt(scene.Slots(RingTestKit.Seeded(105)));
        CkksEvaluator evaluator = scene.Context.CreateEvaluator(scene.Keys);
        Parallel.For(0, 400, Crowd, _ => evaluator.Add(x, x).Dispose());
        Assert.Equal(400, evaluator.OperationCount);
    }
}
