using System.Text;
using System.Text.Json.Nodes;
using Hnn.Model.Plain;
using Hnn.Model.Tests.Weights;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Plain;

public sealed class DistilBertWeightsTests
{
    [Fact]
    public void Load_TakesSixLayersOf768InTheMemoryOfTheWeightsAlone()
    {
        DistilBertConfig config = BaseConfig();
        (byte[] header, long dataByteCount) = Header(config);
        using var stream = new ZeroTail(SafetensorsFile.FromHeader(header, []), dataByteCount);
        using var reader = new SafetensorsReader(stream);
        long before = GC.GetAllocatedBytesForCurrentThread();
        DistilBertWeights weights = DistilBertWeights.Load(reader, config);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(267_820_040, dataByteCount); // 66,955,010 weights, as upstream counts them
        Assert.InRange(allocated, dataByteCount, dataByteCount + (dataByteCount / 10));
        Assert.InRange(stream.LargestRead, 1, 1 << 16);
        Assert.Equal((6, 768 * 3072, 30522 * 768), (weights.Layers.Count, weights.Layers[5].Expand.Weight.Length, weights.Word.Length));
    }

    [Fact]
    public void Load_AllocatesNothingForAConfigThatTheFileDoesNotFit()
    {
        DistilBertCheckpoint small = new(1, 2, 3, 1, 2, TensorType.F32, 1);
        using var reader = new SafetensorsReader(new MemoryStream(SafetensorsFile.FromBytes(small.StoredTensors())));
        DistilBertConfig claimed = small.LoadConfig() with { HiddenSize = 4096, VocabularySize = 1_000_000, LayerCount = 1 };
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => DistilBertWeights.Load(reader, claimed));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static DistilBertConfig BaseConfig()
    {
        JsonObject config = new DistilBertCheckpoint(12, 64, 3072, 6, 2, TensorType.F32, 1).Config();
        (config["vocab_size"], config["max_position_embeddings"]) = (30522, 512);
        return DistilBertConfig.Load(new MemoryStream(Encoding.UTF8.GetBytes(config.ToJsonString())));
    }

    /// <summary>The header of distilbert-base with two classes, written out here: the names are upstream's, not the reader's.</summary>
    private static (byte[] Json, long DataByteCount) Header(DistilBertConfig config)
    {
        var header = new JsonObject();
        long end = 0;
        void Add(string name, params int[] shape)
        {
            long start = end;
            end += 4 * shape.Aggregate(1L, (product, n) => product * n);
            header[name] = new JsonObject
            {
                ["dtype"] = "F32", ["shape"] = new JsonArray([.. shape.Select(n => JsonValue.Create(n))]),
                ["data_offsets"] = new JsonArray(start, end),
            };
        }

        void Map(string name, int rows, int columns)
        {
            Add(name + ".bias", rows);
            Add(name + ".weight", rows, columns);
        }

        void Norm(string name)
        {
            Add(name + ".bias", config.HiddenSize);
            Add(name + ".weight", config.HiddenSize);
        }

        Map("classifier", 2, 768);
        Norm("distilbert.embeddings.LayerNorm");
        Add("distilbert.embeddings.position_embeddings.weight", 512, 768);
        Add("distilbert.embeddings.word_embeddings.weight", 30522, 768);
        foreach (string layer in Enumerable.Range(0, 6).Select(i => $"distilbert.transformer.layer.{i}."))
        {
            foreach (string name in (string[])["k_lin", "out_lin", "q_lin", "v_lin"]) Map(layer + "attention." + name, 768, 768);
            Map(layer + "ffn.lin1", 3072, 768);
            Map(layer + "ffn.lin2", 768, 3072);
            Norm(layer + "output_layer_norm");
            Norm(layer + "sa_layer_norm");
        }

        Map("pre_classifier", 768, 768);
        return (Encoding.UTF8.GetBytes(header.ToJsonString()), end);
    }

    /// <summary>A file of some bytes and then zeros, which says how much was asked for at once.</summary>
    private sealed class ZeroTail(byte[] head, long tailByteCount) : Stream
    {
        public int LargestRead { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => head.Length + tailByteCount;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (Position >= head.Length) LargestRead = Math.Max(LargestRead, buffer.Length);
            int count = (int)Math.Min(buffer.Length, Length - Position);
            buffer[..count].Clear();
            if (Position < head.Length) head.AsSpan((int)Position, Math.Min(count, head.Length - (int)Position)).CopyTo(buffer);
            Position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
