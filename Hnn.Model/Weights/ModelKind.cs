namespace Hnn.Model.Weights;

/// <summary>The kinds of model that a folder can hold; its config.json tells.</summary>
public enum ModelKind
{
    /// <summary>A network of additions and multiplications, for ciphertexts: see <see cref="ModelDirectory"/>.</summary>
    Hnn,

    /// <summary>A checkpoint as Hugging Face ships it, for evaluation in the clear: see <c>DistilBertDirectory</c>.</summary>
    HuggingFace,
}
