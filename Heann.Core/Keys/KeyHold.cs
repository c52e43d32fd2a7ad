namespace Heann.Core.Keys;

/// <summary>A key that an operation uses: in memory until this is disposed. Allocates nothing.</summary>
internal readonly ref struct KeyHold(EvaluationKeyCache? cache, EvaluationKey key)
{
    /// <summary>The key.</summary>
    public KeySwitchingKey Key => key.Value!;

    /// <summary>The operation is done with it.</summary>
    public void Dispose() => cache?.Release(key);
}
