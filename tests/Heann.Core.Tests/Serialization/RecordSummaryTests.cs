using Heann.Core.Rings;
using Heann.Core.Serialization;

namespace Heann.Core.Tests.Serialization;

public sealed class RecordSummaryTests(RecordSamples samples) : IClassFixture<RecordSamples>
{
    [Fact]
    public void Of_ReadsWhatTheCodecsWrite()
    {
        Assert.Equal(Math.Pow(2, 36), Of("parameters").Scale!.Value, 1e-3);
        Assert.Equal((2, Math.Pow(2, 30)), (Of("plaintext").Level, Math.Round(Of("plaintext").Scale!.Value, 3)));
        RecordSummary seeded = Of("seeded ciphertext"), three = Of("product of three parts");
        Assert.Equal((2, 2, true), (seeded.Level, seeded.PartCount, seeded.IsSeeded));
        Assert.Equal((3, 3, false), (three.Level, three.PartCount, three.IsSeeded));
        Assert.Equal(4, Of("evaluation keys").KeyCount);
        Assert.Equal(
            [(null, 3), (GaloisElement.Rotation(1), 3), (GaloisElement.Rotation(15), 1), (GaloisElement.Conjugation, 0)],
            samples["evaluation keys"].Records().Skip(1).Select(r => RecordSummary.Of(r.Header)).Select(s => (s.Element, s.Level)));
        Assert.Equal((null, null), (Of("secret key").Level, Of("public key").Scale));
    }

    private RecordSummary Of(string name) => RecordSummary.Of(samples[name].Records().First().Header);
}
