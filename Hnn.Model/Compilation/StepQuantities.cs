using Heann.Core.Evaluation;
using Hnn.Model.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Compilation;

/// <summary>Which of the network's quantities each step of the circuit computes, and the constant that was folded into it.</summary>
/// <param name="config">Head size and activation.</param>
/// <param name="bucket">B.</param>
/// <param name="softArgmax">Temperature and interval.</param>
/// <remarks>Constants are folded into weights so that products cost no level: 1/√(headSize·B) into q, √c_2 into what the activation
/// squares, α/T into the classifier, w of the division into the exponentials. Errors of slots are in units that contain them.</remarks>
internal sealed class StepQuantities(HnnConfig config, int bucket, SoftArgmax softArgmax)
{
    /// <summary>From here on every step that the recorder's circuit reports joins the list.</summary>
    public List<PlanStep> Record(RecordingEvaluator recorder)
    {
        List<PlanStep> steps = [];
        recorder.StageReached = (name, value) =>
        {
            (string quantity, double factor) = Of(name);
            steps.Add(new(
                name, value.Level, value.Scale, value.Noise.SlotError(recorder.Parameters.RingDegree, value.Scale), recorder.KeySwitchCount,
                recorder.TransformCount, recorder.MultiplyAddCount, quantity, factor));
        };
        return steps;
    }

    /// <summary>Quantity and factor of a step: a slot is factor times the quantity, plus a constant.</summary>
    public (string Quantity, double Factor) Of(string step)
    {
        double root = QuadraticActivation.FromCoefficients(config.Activation).InputFactor;
        (string Suffix, string Quantity, double Factor)[] inLayers =
        [
            (".attention.qkv", ".q", SelfAttention.QueryFactor(config.HeadSize, bucket)),
            (".attention.scores", ".score", SelfAttention.ScoreFactor(bucket)),
            (".attention.weights", ".weight", 1),
            (".attention.context", ".context", 1),
            (".ff.1", ".preactivation", root),
            (".ff.activation", ".activation", 1),
        ];
        foreach ((string suffix, string quantity, double factor) in inLayers)
        {
            if (step.EndsWith(suffix, StringComparison.Ordinal)) return (step[..^suffix.Length] + quantity, factor);
        }

        bool isLayer = step.StartsWith("layers.", StringComparison.Ordinal) && step.LastIndexOf('.') == "layers".Length;
        return step switch
        {
            "head.pre" => ("head.preactivation", root),
            "head.classifier" => (config.Labels.Count == 2 ? "logit_difference" : "logit_deviation", softArgmax.InputFactor),
            "head.exponentials" => ("exponentials", softArgmax.Softmax!.Division.InputScale),
            _ => (isLayer ? step + ".output" : step, 1),
        };
    }
}
