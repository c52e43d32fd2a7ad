namespace Hnn.Model.Plain;

/// <summary>One layer, <c>distilbert.transformer.layer.i</c>; head h owns the features [h · head size, (h + 1) · head size).</summary>
/// <param name="Query"><c>attention.q_lin</c>: (hidden, hidden).</param>
/// <param name="Key"><c>attention.k_lin</c>: (hidden, hidden).</param>
/// <param name="Value"><c>attention.v_lin</c>: (hidden, hidden).</param>
/// <param name="Output"><c>attention.out_lin</c>: (hidden, hidden).</param>
/// <param name="AttentionNorm"><c>sa_layer_norm</c>.</param>
/// <param name="Expand"><c>ffn.lin1</c>: (intermediate, hidden).</param>
/// <param name="Contract"><c>ffn.lin2</c>: (hidden, intermediate).</param>
/// <param name="OutputNorm"><c>output_layer_norm</c>.</param>
internal sealed record DistilBertLayer(
    DenseWeights Query,
    DenseWeights Key,
    DenseWeights Value,
    DenseWeights Output,
    NormWeights AttentionNorm,
    DenseWeights Expand,
    DenseWeights Contract,
    NormWeights OutputNorm);
