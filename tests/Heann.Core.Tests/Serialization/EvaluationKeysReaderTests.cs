using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Serialization;

namespace Heann.Core.Tests.Serialization;

public sealed class EvaluationKeysReaderTests(RecordSamples samples) : IClassFixture<RecordSamples>
{
    private EvaluationKeysCodec Codec => samples.Context.Codecs.EvaluationKeys;

    [Fact]
    public void Entries_TellWhatThereIsWithoutLoadingIt()
    {
        using MemoryStream stream = new(samples["evaluation keys"].Bytes);
        EvaluationKeysReader reader = Codec.OpenReader(stream);
        Assert.Equal(samples.Secret.Id, reader.KeyId);
        Assert.Equal(
            [(null, 3), (GaloisElement.Rotation(1), 3), (GaloisElement.Rotation(15), 1), (GaloisElement.Conjugation, 0)],
            reader.Entries.Select(entry => (entry.Element, entry.Level)));
        Assert.Equal(stream.Length, reader.Entries[^1].Offset + reader.Entries[^1].ByteCount);
        Assert.True(reader.Entries[3].ByteCount < reader.Entries[2].ByteCount && reader.Entries[2].ByteCount < reader.Entries[1].ByteCount);
        Assert.True(stream.Position < 128 + 16 + (4 * 24) + 1);
    }

    [Fact]
    public void Load_ReadsOneKeyFromTheMiddleOfAStream()
    {
        using MemoryStream stream = new([1, 2, 3, .. samples["evaluation keys"].Bytes, 4, 5]);
        stream.Position = 3;
        EvaluationKeysReader reader = Codec.OpenReader(stream);
        foreach (GaloisElement element in (GaloisElement[])[GaloisElement.Conjugation, GaloisElement.Rotation(-1), GaloisElement.Rotation(1 + 16)])
        {
            using KeySwitchingKey key = reader.Load(element);
            Assert.True(samples.Keys.TryGetGalois(element, out KeySwitchingKey? expected));
            Assert.Equal(expected.Layout.Level, key.Layout.Level);
            Assert.Equal(RoundTripTests.Residues(samples.Context.Backend, expected), RoundTripTests.Residues(samples.Context.Backend, key));
        }

        using KeySwitchingKey relinearization = reader.Load(element: null);
        Assert.Equal(samples.Keys.Relinearization!.Seed, relinearization.Seed);
    }

    [Fact]
    public void Load_OfARequest_TakesThoseKeysAndNoOthers()
    {
        using MemoryStream stream = new(samples["evaluation keys"].Bytes);
        KeyRequest request = new();
        request.AddRelinearization(2);
        request.AddGalois(GaloisElement.Rotation(-1), 1);
        request.AddGalois(GaloisElement.Rotation(15), 0);
        request.AddGalois(GaloisElement.Rotation(16), 3); // the identity needs no key
        List<double> progress = [];
        using EvaluationKeys keys = Codec.OpenReader(stream).Load(request, new Recorder(progress));
        Assert.Equal(2, keys.Count);
        Assert.NotNull(keys.Relinearization);
        Assert.True(keys.TryGetGalois(GaloisElement.Rotation(-1), out _));
        Assert.Equal(1, progress[^1]);
        Assert.Equal(2, progress.Count);
    }

    [Fact]
    public void Load_OfWhatIsNotThere_NamesIt()
    {
        using MemoryStream stream = new(samples["evaluation keys"].Bytes);
        EvaluationKeysReader reader = Codec.OpenReader(stream);
        Assert.Contains("rotation by 5", Assert.Throws<MissingKeyException>(() => reader.Load(GaloisElement.Rotation(5))).Message, StringComparison.Ordinal);
        Assert.Throws<MissingKeyException>(() => reader.Load(GaloisElement.Rotation(16)));
        KeyRequest high = new();
        high.AddGalois(GaloisElement.Rotation(-1), 2);
        Assert.Contains(
            "truncated to level 1", Assert.Throws<MissingKeyException>(() => reader.Load(high)).Message, StringComparison.Ordinal);
        using MemoryStream none = new(samples["no evaluation keys"].Bytes);
        Assert.Contains("relinearisation", Assert.Throws<MissingKeyException>(() => Codec.OpenReader(none).Load(element: null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenReader_RefusesWhatWasCutOffAndStreamsThatCannotSeek()
    {
        byte[] bytes = samples["evaluation keys"].Bytes;
        for (int length = 0; length < bytes.Length; length++)
        {
            using MemoryStream stream = new(bytes, 0, length);
            Assert.Throws<InvalidDataException>(() => Codec.OpenReader(stream));
        }

        Assert.Throws<ArgumentException>(() => Codec.OpenReader(new TricklingStream(bytes)));
    }

    [Fact]
    public void DamagedKey_HarmsItselfAlone()
    {
        byte[] bytes = [.. samples["evaluation keys"].Bytes];
        (int offset, _) = samples["evaluation keys"].Records().ElementAt(2);
        bytes[offset + 200] ^= 1;
        using MemoryStream stream = new(bytes);
        EvaluationKeysReader reader = Codec.OpenReader(stream);
        Assert.Contains("checksum of the body", Assert.Throws<InvalidDataException>(() => reader.Load(GaloisElement.Rotation(1))).Message, StringComparison.Ordinal);
        reader.Load(GaloisElement.Rotation(-1)).Dispose();
    }

    private sealed class Recorder(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }
}
