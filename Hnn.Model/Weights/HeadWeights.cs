namespace Hnn.Model.Weights;

/// <summary>The head: u = Pre(p) + MaskWeight · r, logits = Classifier(act(u)); p is the pooled text, r = tokens / bucket.</summary>
/// <param name="Pre"><c>head.pre</c>: (hidden, hidden).</param>
/// <param name="MaskWeight"><c>head.pre.mask_weight</c>: (hidden).</param>
/// <param name="Classifier"><c>head.classifier</c>: (labels, hidden).</param>
public sealed record HeadWeights(LinearWeights Pre, double[] MaskWeight, LinearWeights Classifier);
