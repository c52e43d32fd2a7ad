using Heann.Core.Parameters;
using Hnn.Model.Approximations;
using Hnn.Model.Datasets;
using Hnn.Model.Sessions;
using Hnn.Model.Tests.Cli;
using Hnn.Model.Tests.Server;
using Hnn.Model.Text;
using Hnn.Model.Weights;
using Hnn.Tool.Evaluation;

namespace Hnn.Model.Tests.Evaluation;

/// <summary>An evaluation whose rows are made up from the network in the clear: known errors, times and steps, and no encryption.</summary>
internal sealed class SampleEvaluation : IDisposable
{
    /// <summary>The steps of every trace: those of two layers and the head.</summary>
    public static readonly string[] Steps =
    [
        .. Enumerable.Range(0, 2).SelectMany(layer => (string[])[
            .. "attention.qkv attention.scores attention.weights attention.context attention.out ff.1 ff.activation ff.2".Split(' ')
                .Select(step => $"layers.{layer}.{step}"),
            $"layers.{layer}"]),
        "head.pre", "head.activation", "head.classifier", "soft-argmax",
    ];

    /// <summary>What the times of a sentence are of.</summary>
    public static readonly string[] Timed = ["encrypt", .. Steps, "decrypt"];

    private static readonly string[] Words = ["good", "bad", "film", "other"];
    private readonly TinyModel _folder;

    /// <summary>Makes up an evaluation.</summary>
    public SampleEvaluation(int count = 40, int classCount = 2)
    {
        _folder = new TinyModel(classCount: classCount);
        Random random = new(7);
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(_folder.Folder));
        LabelledSentence[] labelled = [.. Enumerable.Range(0, count).Select(i => new LabelledSentence(
            string.Join(' ', Enumerable.Range(0, 1 + (i % 2)).Select(_ => Words[random.Next(Words.Length)])), random.Next(classCount)))];
        RunSentence[] sentences = [.. labelled.Select((s, i) => new RunSentence(i, 4, s.Label, classCount, model.Tokenize(s.Text)))];
        CkksParameters parameters = InsecureSets.For(TinyService.Config, 10);
        Input = new(
            model, sentences, new(Logits(labelled, classCount, random), [.. labelled.Select(s => s.Label)], 0, []),
            new Dictionary<int, CkksParameters> { [4] = parameters },
            new(
                RunIdentity.CurrentFormat, "data.tsv", new string('d', 64), null, count, "tiny", model.ModelId, "latency",
                [parameters.Id.ToString()]));
    }

    /// <summary>What it starts from.</summary>
    public EvaluationInput Input { get; }

    /// <summary>What was asked for.</summary>
    public static EvaluationRequest Request => new("/data/folder/data.tsv", null, null, SessionPacking.Latency, 2, 1);

    /// <summary>The row of a session with the steps of this sample.</summary>
    public static SessionRow Session(int run = 1) => new(run, "1.2.3+abc", "2 x processor", 2, 4, 1, 1.5, 1000, Timed);

    /// <summary>The row of a trace, with errors that grow from step to step.</summary>
    public static TraceRow Trace(int index) => new(
        4, [index],
        [.. Steps.Select((name, i) => new StageError(
            name, name + ".value", 22 - i, 40, 946 - (40 * i), 890 - (40 * i), 1e-9 * (i + 1), 1e-8 * (i + 1), 2e-9 * (i + 1), 11.5, 12))],
        100, 5000);

    /// <summary>The row of a sentence: released is exact and an error; out of range where asked.</summary>
    public SentenceRow Sentence(int index, double error = 1e-4, bool isInRange = true, double elapsed = 0)
    {
        DifferentiableSoftArgmax softArgmax = new(Input.Model.Config.SoftArgmax.Temperature);
        SoftArgmaxResult clear = softArgmax.Forward(Input.Clear.Logits[index]);
        double[] exact = clear.Probabilities.Count == 2 ? [clear.Value] : [.. clear.Probabilities];
        double[] released = [.. exact.Select((v, i) => v + (i % 2 == 0 ? error : -error))];
        int Label(double[] v) => v.Length == 1 ? (v[0] > 0.5 ? 1 : 0) : Array.IndexOf(v, v.Max());
        return new(
            index, 4, Input.Sentences[index].GoldLabel, isInRange ? Label(released) : null, Label(exact), index % 5 == 0,
            released, exact, [.. exact.Select(v => v + 1e-5)], 0.25, 2, 0.125, [.. Timed.Select((_, i) => 0.25 * (i + 1))], 100, 10,
            elapsed, 4000 + index);
    }

    /// <summary>All rows that belong to a complete evaluation.</summary>
    public IEnumerable<RunRow> AllRows()
    {
        yield return Session();
        foreach (RunSentence s in Input.Sentences)
        {
            yield return Sentence(s.Index, 1.1e-4 * (1 + (s.Index % 7)), isInRange: s.Index != 3, elapsed: 10 + s.Index);
        }

        yield return Trace(0);
    }

    /// <summary>The complete evaluation.</summary>
    public EvaluationResult Result()
    {
        RunState state = new(Input.Sentences);
        foreach (RunRow row in AllRows()) state.Add(row);
        return EvaluationResult.Create(Request, Input, state);
    }

    public void Dispose() => _folder.Dispose();

    // The true class leads more often than not.
    private static double[][] Logits(LabelledSentence[] sentences, int classCount, Random random) =>
    [
        .. sentences.Select(s => Enumerable.Range(0, classCount)
            .Select(c => (6 * random.NextDouble()) + (c == s.Label ? 3 : 0)).ToArray()),
    ];
}
