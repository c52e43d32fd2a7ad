using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Serialization;

namespace Heann.Core.Tests.Keys;

/// <summary>Sets of keys written out, and opened again as keys on demand.</summary>
internal static class KeysOnDemand
{
    /// <summary>The request that a set serves exactly.</summary>
    public static KeyRequest RequestOf(EvaluationKeys keys)
    {
        KeyRequest request = new();
        if (keys.RelinearizationLevel is { } level)
        {
            request.AddRelinearization(level);
        }

        foreach (GaloisElement element in keys.GaloisElements)
        {
            request.AddGalois(element, keys.GaloisLevel(element)!.Value);
        }

        return request;
    }

    /// <summary>All keys of a set that was written to a stream.</summary>
    public static EvaluationKeys Open(CkksContext context, Stream stream, KeyRequest request, long memoryBytes, bool leaveOpen = true)
    {
        stream.Position = 0;
        return context.Codecs.EvaluationKeys.OpenReader(stream).LoadOnDemand(request, memoryBytes, leaveOpen);
    }

    /// <summary>The same set, on demand.</summary>
    public static EvaluationKeys Of(CkksScene scene, long memoryBytes) => Open(
        scene.Context, new MemoryStream(scene.Context.Codecs.EvaluationKeys.ToBytes(scene.Keys)), RequestOf(scene.Keys), memoryBytes);
}
