using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;

namespace Hnn.Model.Tests.Layers;

/// <summary>A layer, or some of them, for any evaluator.</summary>
internal interface ILayer
{
    /// <summary>Outputs from inputs and mask.</summary>
    T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
        where T : class, ICircuitValue;
}

/// <summary>Runs a layer three times: recorded, in the clear, and encrypted in an insecure set with just the keys recorded.</summary>
internal sealed class LayerScene(CkksParameters parameters)
{
    public CkksParameters Parameters => parameters;

    /// <summary>The clear twin's outputs: slots, real.</summary>
    public double[][] Clear(ILayer layer, SlotVector[] inputs, SlotVector mask) =>
        [.. ClearOutputs(layer, inputs, mask, out _).Select(y => y.ToReal())];

    /// <summary>Asserts that all three agree on level and scale after every step, decrypted and clear slots within the budget.</summary>
    /// <returns>The largest error of a slot after any step.</returns>
    public double AssertEncryptedEqualsClear(ILayer layer, SlotVector[] inputs, SlotVector mask, double budget)
    {
        // Recorded.
        RecordingEvaluator recorder = new(parameters);
        List<Step> recorded = Watch(recorder, _ => []);
        RecordedValue[] records = layer.Forward(recorder, [.. inputs.Select(_ => recorder.Create())], recorder.Create());
        recorded.AddRange(records.Select(y => Label("output", y, [])));

        // In the clear.
        ClearValue[] twins = ClearOutputs(layer, inputs, mask, out List<Step> clear);
        clear.AddRange(twins.Select(y => Label("output", y, y.ToReal())));

        // Encrypted.
        using CkksContext context = CkksContext.Create(parameters, Backends.Shared);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = context.KeyGenerator.CreateEvaluationKeys(secret, recorder.Keys);
        CkksEvaluator evaluator = context.CreateEvaluator(keys);
        List<Step> encrypted = Watch(evaluator, y => context.Decrypt(secret, y));
        Ciphertext[] x = [.. inputs.Select(v => Encrypt(context, secret, v))];
        using Ciphertext m = Encrypt(context, secret, mask);
        Ciphertext[] results = layer.Forward(evaluator, x, m);
        encrypted.AddRange(results.Select(y => Label("output", y, context.Decrypt(secret, y))));
        foreach (Ciphertext c in x.Concat(results)) c.Dispose();

        Assert.Equal(recorded.Select(step => step.Laws), clear.Select(step => step.Laws));
        Assert.Equal(recorded.Select(step => step.Laws), encrypted.Select(step => step.Laws));
        double worst = 0;
        foreach ((Step twin, Step cipher) in clear.Zip(encrypted))
        {
            double error = twin.Slots.Zip(cipher.Slots, (a, b) => Math.Abs(a - b)).Max();
            Assert.True(error <= budget, $"{twin.Laws}: error {error:E2} exceeds the budget {budget:E2}; {parameters}");
            worst = Math.Max(worst, error);
        }

        return worst;
    }

    private static Ciphertext Encrypt(CkksContext context, SecretKey secret, SlotVector slots)
    {
        using Plaintext plaintext = context.Encoder.Encode(slots);
        return context.Encryptor.Encrypt(secret, plaintext);
    }

    private static List<Step> Watch<T>(CircuitEvaluator<T> evaluator, Func<T, double[]> slots)
        where T : class, ICircuitValue
    {
        List<Step> steps = [];
        evaluator.StageReached = (name, value) => steps.Add(Label(name, value, slots(value)));
        return steps;
    }

    private static Step Label(string name, ICircuitValue value, double[] slots) =>
        new(new(name, value.Level, value.Scale.Value, value.PartCount), slots);

    private ClearValue[] ClearOutputs(ILayer layer, SlotVector[] inputs, SlotVector mask, out List<Step> steps)
    {
        ClearEvaluator evaluator = new(parameters);
        steps = Watch(evaluator, y => y.ToReal());
        return layer.Forward(evaluator, [.. inputs.Select(v => evaluator.Create(v))], evaluator.Create(mask));
    }

    // What every evaluator must agree on to the bit.
    private sealed record StepLaws(string Name, int Level, double Scale, int PartCount);

    private sealed record Step(StepLaws Laws, double[] Slots);
}
