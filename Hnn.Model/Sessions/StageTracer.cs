using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Rings;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Sessions;

/// <summary>Runs the circuit of one bucket on ciphertexts and on the clear twin side by side, with keys of its own, and measures the error
/// after every step.</summary>
/// <remarks>For the one who has text, weights and key at once: evaluation and tests, never a server. Borrows the backend. Not thread-safe.
/// </remarks>
internal sealed class StageTracer : IDisposable
{
    private readonly LevelPlan _plan;
    private readonly SentimentCircuit _circuit;
    private readonly SentenceEmbedder _embedder;
    private readonly CkksContext _context;
    private readonly SecretKey _secret;
    private readonly EvaluationKeys _keys;

    /// <summary>Makes keys for a plan: in memory, or in a temporary file where they have a bound.</summary>
    public StageTracer(
        LevelPlan plan, HnnWeights weights, RingBackend backend, KeyMemory? keyMemory = null, CancellationToken cancellation = default)
    {
        _plan = plan;
        _circuit = new(plan.Config, weights.Network, plan.Layout);
        _embedder = new(weights.Embeddings);
        _context = CkksContext.Create(plan.Parameters, backend);
        _secret = _context.KeyGenerator.CreateSecretKey();
        try
        {
            _keys = keyMemory is null
                ? _context.KeyGenerator.CreateEvaluationKeys(_secret, plan.Keys, null, cancellation)
                : _context.Codecs.EvaluationKeys.CreateOnDisk(_secret, plan.Keys, keyMemory, null, cancellation);
        }
        catch
        {
            _secret.Dispose();
            _context.Dispose();
            throw;
        }
    }

    /// <summary>Measures a sentence.</summary>
    public IReadOnlyList<StageError> Trace(TokenizedText tokens, CancellationToken cancellation = default)
    {
        SlotVector sentence = _circuit.Layout.PackTokens(_embedder.Embed(tokens.Ids));
        SlotVector mask = _circuit.Layout.PackMask(tokens.Ids.Count);
        Queue<(string Name, double[] Slots)> expected = Expected(sentence, mask);
        List<StageError> errors = [];
        CkksEvaluator evaluator = _context.CreateEvaluator(_keys);
        evaluator.StageReached = (name, value) =>
        {
            cancellation.ThrowIfCancellationRequested();
            (string twinName, double[] slots) = expected.Dequeue();
            if (twinName != name) throw new InvalidOperationException($"The twin reached {twinName} where ciphertexts reached {name}.");
            double[] actual = [.. _context.Decryptor.Decrypt(_secret, value).Select(z => z.Real)];
            errors.Add(Measure(_plan.Steps[errors.Count], evaluator.Diagnose(value), slots, actual));
        };
        using Ciphertext x = Encrypt(sentence);
        using Ciphertext m = Encrypt(mask);
        using Ciphertext result = _circuit.Forward(evaluator, x, m);
        return errors;
    }

    /// <summary>Wipes the secret key and frees the evaluation keys.</summary>
    public void Dispose()
    {
        _keys.Dispose();
        _secret.Dispose();
        _context.Dispose();
    }

    /// <summary>Holds decrypted slots against the twin's, in the unit of the quantity: both divided by the step's factor.</summary>
    internal static StageError Measure(PlanStep step, Diagnosis diagnosis, double[] expected, double[] actual)
    {
        PrecisionReport report = PrecisionReport.Measure(expected, actual);
        double toCoefficient = diagnosis.Scale.Value / Math.Sqrt(diagnosis.RingDegree / 2.0);
        return new(
            step.Name, step.Quantity, diagnosis.Level, diagnosis.Scale.Log2, diagnosis.ModulusBits, diagnosis.BudgetBits,
            diagnosis.SlotError / step.Factor, report.MaxError / step.Factor, report.MeanError / step.Factor,
            Math.Log2(report.Sigma * toCoefficient), Math.Log2(diagnosis.Noise.Sigma));
    }

    private Queue<(string Name, double[] Slots)> Expected(SlotVector sentence, SlotVector mask)
    {
        Queue<(string Name, double[] Slots)> stages = new();
        ClearEvaluator twin = new(_plan.Parameters) { StageReached = (name, value) => stages.Enqueue((name, value.ToReal())) };
        _circuit.Forward(twin, twin.Create(sentence), twin.Create(mask)).Dispose();
        return stages;
    }

    private Ciphertext Encrypt(SlotVector slots)
    {
        using Plaintext plaintext = _context.Encoder.Encode(slots);
        return _context.Encryptor.Encrypt(_secret, plaintext);
    }
}
