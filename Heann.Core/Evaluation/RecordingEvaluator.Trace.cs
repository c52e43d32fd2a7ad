using Heann.Core.Ciphertexts;

namespace Heann.Core.Evaluation;

/// <content>The list of what was done, for plans and messages.</content>
public sealed partial class RecordingEvaluator
{
    private readonly List<RecordedOperation> _operations = [];

    /// <summary>Whether every operation is kept in <see cref="Operations"/>. Off by default: long circuits have very many.</summary>
    public bool KeepsOperations { get; init; }

    /// <summary>What was done, in order; empty unless <see cref="KeepsOperations"/>.</summary>
    public IReadOnlyList<RecordedOperation> Operations => _operations;

    private void Trace(string name, params ReadOnlySpan<RecordedValue> results)
    {
        if (!KeepsOperations)
        {
            return;
        }

        foreach (RecordedValue result in results)
        {
            _operations.Add(new(_operations.Count + 1, name, Diagnosis.Of(result, Parameters)));
        }
    }
}
