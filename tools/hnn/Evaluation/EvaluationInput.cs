using System.Security.Cryptography;
using Heann.Core.Parameters;
using Hnn.Model.Datasets;
using Hnn.Model.Sessions;
using Hnn.Model.Text;
using Hnn.Tool.Commands;

namespace Hnn.Tool.Evaluation;

/// <summary>Everything an evaluation starts from, read and checked; the network in the clear is evaluated as well.</summary>
/// <param name="Model">The model.</param>
/// <param name="Sentences">The sentences, tokenized.</param>
/// <param name="Clear">The same in the clear.</param>
/// <param name="Parameters">The parameters of each bucket that occurs.</param>
/// <param name="Identity">What tells this evaluation from others.</param>
internal sealed record EvaluationInput(
    LoadedModel Model, IReadOnlyList<RunSentence> Sentences, ClearOutcome Clear, IReadOnlyDictionary<int, CkksParameters> Parameters,
    RunIdentity Identity)
{
    /// <summary>Reads what a request names.</summary>
    /// <exception cref="InputException">Something is not good.</exception>
    public static EvaluationInput Read(EvaluationRequest request, CancellationToken cancellation)
    {
        LoadedModel model = Inputs.LoadModel(request.ModelPath);

        // What cannot be encrypted is refused before anything is computed.
        _ = Inputs.Guard(() => EncryptedSessions.ParametersFor(request.Packing, model.Config, model.Config.Buckets[0]));
        IReadOnlyList<LabelledSentence> labelled = Inputs.LoadSentences(request.DataPath, request.Limit, model);
        ClearOutcome clear = Inputs.Guard(() => new ClearSession(model).Evaluate(labelled, request.ThreadCount, null, cancellation));
        RunSentence[] sentences = [.. labelled.Select((s, i) => Prepare(i, s, model))];
        SortedDictionary<int, CkksParameters> parameters = [];
        foreach (int bucket in sentences.Select(s => s.Bucket).Distinct())
        {
            parameters[bucket] = Inputs.Guard(() => EncryptedSessions.ParametersFor(request.Packing, model.Config, bucket, request.Memory));
        }

        RunIdentity identity = new(
            RunIdentity.CurrentFormat, Path.GetFileName(request.DataPath), Inputs.Guard(() => Hash(request.DataPath)), request.Limit,
            sentences.Length, Path.GetFileName(Inputs.OpenModel(request.ModelPath).FullPath.TrimEnd(Path.DirectorySeparatorChar)),
            model.ModelId, request.PackingName, [.. parameters.Values.Select(p => p.Id.ToString())]);
        return new(model, sentences, clear, parameters, identity);
    }

    private static RunSentence Prepare(int index, LabelledSentence sentence, LoadedModel model)
    {
        TokenizedText tokens = model.Tokenize(sentence.Text);
        return new(index, model.Config.BucketFor(tokens.Ids.Count), sentence.Label, model.Config.Labels.Count, tokens);
    }

    private static string Hash(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
