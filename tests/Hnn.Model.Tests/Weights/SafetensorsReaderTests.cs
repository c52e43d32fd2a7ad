using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Weights;

public sealed class SafetensorsReaderTests
{
    private const string OneTensor = """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}""";

    /// <summary>Why it is refused, data bytes, header.</summary>
    public static TheoryData<string, int, string> HostileHeaders => new()
    {
        { "must start with", 0, "" },
        { "must start with", 12, " " + OneTensor },
        { "must start with", 0, "[]" },
        { "not valid JSON", 0, "{" },
        { "not valid JSON", 12, OneTensor + "x" },
        { "not valid JSON", 12, OneTensor + "{}" },
        { "not valid JSON", 0, """{"a":{"b":{"c":{"d":{}}}}}""" },
        { "not valid JSON", 0, "{\"a\":" + new string('[', 100_000) },
        { "not valid JSON", 24,
            """{"a":{"dtype":"F16","shape":[6],"data_offsets":[0,12]},"a":{"dtype":"F16","shape":[6],"data_offsets":[12,24]}}""" },
        { "not valid JSON", 24,
            """{"a":{"dtype":"F16","shape":[6],"data_offsets":[0,12]},"\u0061":{"dtype":"F16","shape":[6],"data_offsets":[12,24]}}""" },
        { "not valid JSON", 12, """{"a":{"dtype":"F16","dtype":"F32","shape":[2,3],"data_offsets":[0,12]}}""" },
        { "not valid JSON", 12, """{"\ud800":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}""" },
        { "not valid JSON", 12, """{"a":{"dtype":"\ud800","shape":[2,3],"data_offsets":[0,12]}}""" },
        { "name of 0 characters", 12, """{"":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}""" },
        { "name of 257 characters", 12, "{\"" + new string('n', 257) + "\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[0,12]}}" },
        { "not by an object", 0, """{"a":1}""" },
        { "other than dtype", 12, """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12],"x":1}}""" },
        { "no dtype", 12, """{"a":{"shape":[2,3],"data_offsets":[0,12]}}""" },
        { "no dtype", 12, """{"a":{"dtype":"F16","data_offsets":[0,12]}}""" },
        { "no dtype", 12, """{"a":{"dtype":"F16","shape":[2,3]}}""" },
        { "not a string", 12, """{"a":{"dtype":16,"shape":[2,3],"data_offsets":[0,12]}}""" },
        { "dtype 'F64'", 48, """{"a":{"dtype":"F64","shape":[2,3],"data_offsets":[0,48]}}""" },
        { "takes 48", 24, """{"a":{"dtype":"I64","shape":[2,3],"data_offsets":[0,24]}}""" },
        { "not an array", 12, """{"a":{"dtype":"F16","shape":6,"data_offsets":[0,12]}}""" },
        { "9 dimensions", 2, """{"a":{"dtype":"F16","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,2]}}""" },
        { "dimension 1", 12, """{"a":{"dtype":"F16","shape":[2,-3],"data_offsets":[0,12]}}""" },
        { "dimension 0", 12, """{"a":{"dtype":"F16","shape":[2.5,3],"data_offsets":[0,12]}}""" },
        { "dimension 0", 12, """{"a":{"dtype":"F16","shape":["2",3],"data_offsets":[0,12]}}""" },
        { "dimension 0", 12, """{"a":{"dtype":"F16","shape":[4294967298,3],"data_offsets":[0,12]}}""" },
        { "more than", 0, """{"a":{"dtype":"F16","shape":[65536,65536],"data_offsets":[0,0]}}""" },
        { "more than", 0, """{"a":{"dtype":"F16","shape":[2147483647],"data_offsets":[0,0]}}""" },
        { "more than", 0, """{"a":{"dtype":"F16","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}}""" },
        { "two integers", 12, """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[12]}}""" },
        { "two integers", 12, """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":12}}""" },
        { "integers in", 12, """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[-12,0]}}""" },
        { "integers in", 12, """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,"12"]}}""" },
        { "integers in", 12, """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,18446744073709551615]}}""" },
        { "before its start", 12, """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[12,0]}}""" },
        { "takes 12", 12, """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,11]}}""" },
        { "takes 24", 12, """{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,12]}}""" },
        { "cut short", 11, OneTensor },
        { "describes 12 bytes", 13, OneTensor },
        { "describes 0 bytes", 1, "{}" },
        { "holes", 13, """{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[1,13]}}""" },
        { "holes", 16, """{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"F16","shape":[3],"data_offsets":[8,14]}}""" },
        { "overlap", 10,
            """{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"F16","shape":[3],"data_offsets":[4,10]}}""" },
        { "overlap", 6, """{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"F16","shape":[3],"data_offsets":[0,6]}}""" },
        { "holes", 2, """{"a":{"dtype":"F16","shape":[1],"data_offsets":[9223372036854775805,9223372036854775807]}}""" },
        { "__metadata__", 12, """{"__metadata__":{"format":1},""" + OneTensor[1..] },
        { "__metadata__", 12, """{"__metadata__":"pt",""" + OneTensor[1..] },
    };

    [Theory]
    [MemberData(nameof(HostileHeaders))]
    public void Open_RefusesHostileHeaders(string reason, int dataByteCount, string header)
    {
        byte[] file = SafetensorsFile.FromHeader(header, dataByteCount);
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Open(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue, "at most")]
    [InlineData(1UL << 63, "at most")]
    [InlineData(SafetensorsReader.MaxHeaderByteCount + 1UL, "at most")]
    [InlineData((ulong)SafetensorsReader.MaxHeaderByteCount, "cut short")]
    public void Open_RefusesLyingHeaderLengths(ulong length, string reason)
    {
        byte[] file = SafetensorsFile.FromHeader(Encoding.UTF8.GetBytes(OneTensor), new byte[12], length);
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Open(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RefusesInvalidUtf8AndTooManyTensors()
    {
        byte[] header = Encoding.UTF8.GetBytes(OneTensor);
        header[2] = 0xFF;
        Assert.Throws<InvalidDataException>(() => Open(SafetensorsFile.FromHeader(header, new byte[12])));
        string many = string.Join(',', Enumerable.Range(0, SafetensorsReader.MaxTensorCount + 1)
            .Select(i => $"\"{i}\":{{\"dtype\":\"F16\",\"shape\":[0],\"data_offsets\":[0,0]}}"));
        byte[] file = SafetensorsFile.FromHeader("{" + many + "}", 0);
        Assert.Contains("more than 16384", Assert.Throws<InvalidDataException>(() => Open(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RefusesEveryTruncationAndEveryTail()
    {
        byte[] file = SmallFile();
        for (int length = 0; length < file.Length; length++) Assert.Throws<InvalidDataException>(() => Open(file[..length]));
        Assert.Throws<InvalidDataException>(() => Open([.. file, 0]));
    }

    [Fact]
    public void Open_SurvivesEveryBitFlipOfTheHeader()
    {
        byte[] file = SmallFile();
        for (int bit = 0; bit < 8 * (file.Length - 28); bit++)
        {
            byte[] flipped = [.. file];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                using SafetensorsReader reader = Open(flipped); // as where a letter of a name changed
                foreach (TensorInfo tensor in reader.Tensors) Assert.Equal(tensor.ElementCount, reader.ReadSingles(tensor.Name).Length);
            }
            catch (InvalidDataException)
            {
                // the other good outcome; anything else fails the test
            }
        }
    }

    [Fact]
    public void Open_SurvivesAnyBytes() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        try
        {
            using SafetensorsReader reader = Open(SafetensorsFile.FromHeader([(byte)'{', .. bytes], []));
            return reader.Tensors.Count == 0;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Read_GivesEveryF16Exactly()
    {
        ushort[] patterns = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        CheckAllPatterns("F16", patterns, F16);
    }

    [Fact]
    public void Read_GivesEveryBF16Exactly()
    {
        ushort[] patterns = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        CheckAllPatterns("BF16", patterns, BF16);
    }

    [Fact]
    public void Read_GivesF32Bits()
    {
        float[] values = [0f, -0f, 1f, float.Epsilon, -float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, MathF.PI, 1e-40f];
        using SafetensorsReader reader = Open(SafetensorsFile.FromTensors([("x", [3, 3], values)]));
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), reader.ReadSingles("x").Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(values.Select(v => (double)v), reader.ReadDoubles("x"));
    }

    [Fact]
    public void Read_FindsTensorsInAnyOrderAndCrossesChunks()
    {
        float[] large = [.. Enumerable.Range(0, 40_000).Select(i => i * 0.5f)]; // 160,000 bytes: two full chunks and a part
        byte[] file = SafetensorsFile.FromTensors([("a", [], [7f]), ("b", [200, 200], large), ("c", [0], [])]);
        using SafetensorsReader reader = Open([.. new byte[5], .. file], start: 5);
        Assert.Equal(["a", "b", "c"], reader.Tensors.Select(t => t.Name).Order());
        Assert.Empty(reader.ReadDoubles("c"));
        Assert.Equal(large, reader.ReadSingles("b"));
        Assert.Equal([7f], reader.ReadSingles("a"));
        Assert.True(reader.TryGetTensor("b", out TensorInfo? info));
        Assert.Equal([200, 200], info.Shape);
        Assert.Equal((TensorType.F32, 40_000, 160_000L), (info.Type, info.ElementCount, info.ByteCount));
        Assert.Contains("'d'", Assert.Throws<InvalidDataException>(() => reader.ReadSingles("d")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ListsIntegersAndRefusesToReadThemAsWeights()
    {
        byte[] file = SafetensorsFile.FromBytes([("ids", "I64", [1, 2], new byte[16]), ("w", "F32", [1], BitConverter.GetBytes(2f))]);
        using SafetensorsReader reader = Open(file);
        Assert.True(reader.TryGetTensor("ids", out TensorInfo? info));
        Assert.Equal((TensorType.I64, 8, 16L), (info.Type, info.ElementSize, info.ByteCount));
        Assert.Equal([2f], reader.ReadSingles("w"));
        string message = Assert.Throws<InvalidDataException>(() => reader.ReadSingles("ids")).Message;
        Assert.Contains("'ids' has the dtype I64", message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => reader.ReadDoubles("ids"));
    }

    [Fact]
    public void Read_ReportsAFileThatShrank()
    {
        var stream = new MemoryStream();
        stream.Write(SmallFile());
        stream.Position = 0;
        using var reader = new SafetensorsReader(stream);
        stream.SetLength(stream.Length - 1);
        Assert.Throws<InvalidDataException>(() => reader.ReadSingles("b"));
    }

    [Fact]
    public void Dispose_ClosesTheStreamUnlessToldOtherwise()
    {
        var kept = new MemoryStream(SmallFile());
        var reader = new SafetensorsReader(kept, leaveOpen: true);
        reader.Dispose();
        Assert.True(kept.CanRead);
        Assert.Throws<ObjectDisposedException>(() => reader.ReadSingles("a"));
        var refused = new MemoryStream([1, 2, 3]);
        Assert.Throws<InvalidDataException>(() => new SafetensorsReader(refused));
        Assert.False(refused.CanRead);
    }

    [Fact]
    public void Open_RefusesStreamsThatCannotSeek()
    {
        using var stream = new System.IO.Compression.DeflateStream(new MemoryStream(), System.IO.Compression.CompressionMode.Decompress);
        Assert.Throws<ArgumentException>(() => new SafetensorsReader(stream));
        Assert.Throws<ArgumentNullException>(() => new SafetensorsReader(null!));
    }

    private static void CheckAllPatterns(string type, ushort[] patterns, Func<int, double> definition)
    {
        byte[] data = [.. patterns.SelectMany(BitConverter.GetBytes)];
        string header = $$"""{"x":{"dtype":"{{type}}","shape":[256,256],"data_offsets":[0,131072]} }""";
        using SafetensorsReader reader = Open(SafetensorsFile.FromHeader(Encoding.UTF8.GetBytes(header), data));
        double[] expected = [.. patterns.Select(p => definition(p))], actual = reader.ReadDoubles("x");
        Assert.Equal(expected, actual); // NaN equals NaN, whatever its payload
        Assert.Equal(expected.Select(v => double.IsNegative(v) && v == 0), actual.Select(v => double.IsNegative(v) && v == 0));
        Assert.Equal(expected.Select(v => (float)v), reader.ReadSingles("x"));
    }

    /// <summary>IEEE 754-2019, 3.4: (−1)^s 2^(e−15) (1 + f/2^10), subnormal (−1)^s 2^−14 f/2^10.</summary>
    private static double F16(int bits) => Value(bits, exponentBits: 5, fractionBits: 10);

    /// <summary>bfloat16: the same with 8 exponent bits (bias 127) and 7 fraction bits.</summary>
    private static double BF16(int bits) => Value(bits, exponentBits: 8, fractionBits: 7);

    private static double Value(int bits, int exponentBits, int fractionBits)
    {
        int bias = (1 << (exponentBits - 1)) - 1, last = (1 << exponentBits) - 1;
        int exponent = (bits >> fractionBits) & last;
        double fraction = (bits & ((1 << fractionBits) - 1)) / (double)(1 << fractionBits), sign = (bits >> 15) == 0 ? 1 : -1;
        if (exponent == last) return fraction == 0 ? sign * double.PositiveInfinity : double.NaN;
        return sign * (exponent == 0 ? Math.ScaleB(fraction, 1 - bias) : Math.ScaleB(1 + fraction, exponent - bias));
    }

    /// <summary>Two F32 tensors, 28 bytes of data.</summary>
    private static byte[] SmallFile() => SafetensorsFile.FromTensors([("a", [3], [1f, 2f, 3f]), ("b", [2, 2], [4f, 5f, 6f, 7f])]);

    private static SafetensorsReader Open(byte[] file, int start = 0) => new(new MemoryStream(file) { Position = start });
}
