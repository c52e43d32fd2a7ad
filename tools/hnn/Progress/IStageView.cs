namespace Hnn.Tool.Progress;

/// <summary>Shows how far a command has come.</summary>
internal interface IStageView
{
    /// <summary>A stage has come so far.</summary>
    /// <param name="stage">The stage: key generation, encrypt, evaluate, decrypt.</param>
    /// <param name="fraction">The part done, 0 … 1.</param>
    /// <param name="detail">What was just done; may be empty.</param>
    void Report(string stage, double fraction, string detail);
}
