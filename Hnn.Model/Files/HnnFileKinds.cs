using Heann.Core.Serialization;

namespace Hnn.Model.Files;

/// <summary>The kinds of hnn's own files, each named by the record that it begins with.</summary>
public static class HnnFileKinds
{
    /// <summary>A client's secret key, with the model it is for.</summary>
    public const RecordKind ClientKeys = RecordKind.FirstOfApplication;

    /// <summary>The evaluation keys of a client, with the model they are for.</summary>
    public const RecordKind ServerKeys = RecordKind.FirstOfApplication + 1;

    /// <summary>A request.</summary>
    public const RecordKind Request = RecordKind.FirstOfApplication + 2;

    /// <summary>A response.</summary>
    public const RecordKind Response = RecordKind.FirstOfApplication + 3;

    /// <summary>A kind in words, those of Heann.Core included.</summary>
    public static string Name(RecordKind kind) => kind switch
    {
        ClientKeys => "secret key of a client",
        ServerKeys => "evaluation keys of a client",
        Request => "inference request",
        Response => "inference response",
        RecordKind.Parameters => "parameter set",
        RecordKind.SecretKey => "secret key",
        RecordKind.PublicKey => "public key",
        RecordKind.KeySwitchingKey => "key-switching key",
        RecordKind.EvaluationKeys => "index of evaluation keys",
        RecordKind.Plaintext => "plaintext",
        RecordKind.Ciphertext => "ciphertext",
        _ => $"unknown kind {(int)kind}",
    };

    /// <summary>Requires a file to begin with a record of a kind, so that a mix-up of files is told in words.</summary>
    /// <exception cref="InvalidDataException">It is another kind of file, or none of ours.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static void Require(string path, RecordKind expected) => RequireHeader(path, expected);

    /// <summary>What a file of ours releases, from its first record alone: it decides which parameters the rest is read with.</summary>
    /// <exception cref="InvalidDataException">It is another kind of file, or none of ours.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    internal static Release RequireRelease(string path, RecordKind expected)
    {
        BinaryHeader header = RequireHeader(path, expected);
        return Explain(path, () => FileHead.ReadFields(header).Release);
    }

    private static BinaryHeader RequireHeader(string path, RecordKind expected)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] bytes = new byte[BinaryHeader.ByteCount];
        int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        BinaryHeader header = Explain(path, () => BinaryHeader.Read(bytes.AsSpan(0, count)));
        return header.Kind == expected
            ? header
            : throw new InvalidDataException($"'{path}' holds: {Name(header.Kind)}; expected: {Name(expected)}. Check the order of the files ('hnn inspect' names any of them).");
    }

    /// <summary>Names the file in what is wrong with it.</summary>
    internal static T Explain<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}': {e.Message}", e);
        }
    }
}
