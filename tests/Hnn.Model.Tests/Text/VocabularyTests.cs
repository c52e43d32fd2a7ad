using System.Text;
using Hnn.Model.Text;

namespace Hnn.Model.Tests.Text;

public sealed class VocabularyTests
{
    private const string Good = "[UNK]\n[CLS]\n[SEP]\ngood\n##s\n\u2028\n";

    [Theory]
    [InlineData(Good)]
    [InlineData("[UNK]\r\n[CLS]\r\n[SEP]\r\ngood\r\n##s\r\n\u2028")]
    public void Load_GivesLineNumbersAsIds(string text)
    {
        Vocabulary vocabulary = Load(text);
        Assert.Equal(6, vocabulary.Count);
        Assert.Equal((0, 1, 2), (vocabulary.UnknownId, vocabulary.ClassificationId, vocabulary.SeparatorId));
        Assert.True(vocabulary.TryGetId("##s", out int id));
        Assert.Equal(4, id);
        Assert.False(vocabulary.TryGetId("bad", out _));
        Assert.Equal("\u2028", vocabulary.GetPiece(5));
    }

    [Fact]
    public void Load_ReadsTheCommittedVocabulary()
    {
        Vocabulary vocabulary = Vocabulary.Load(Path.Combine(TestData.HnnTiny, "vocab.txt"));
        Assert.Equal(30522, vocabulary.Count);
        Assert.Equal((100, 101, 102), (vocabulary.UnknownId, vocabulary.ClassificationId, vocabulary.SeparatorId));
    }

    [Theory]
    [InlineData("[UNK]\n[CLS]\n", "no [SEP]")]
    [InlineData("[CLS]\n[SEP]\n", "no [UNK]")]
    [InlineData("[UNK]\n[SEP]\n", "no [CLS]")]
    [InlineData("", "no [UNK]")]
    [InlineData("[UNK]\n[CLS]\n[SEP]\ngood\nbad\ngood\n", "line 6 repeats the piece 'good' of line 4")]
    [InlineData("[UNK]\n\n[CLS]\n[SEP]\n", "line 2 is empty")]
    public void Load_RefusesWithTheReason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Load(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Load_RefusesWhatIsNotUtf8()
    {
        using var stream = new MemoryStream([.. Encoding.UTF8.GetBytes(Good), 0xC3, 0x28]);
        Assert.Contains("not UTF-8", Assert.Throws<InvalidDataException>(() => Vocabulary.Load(stream)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RefusesMoreThanItsCap()
    {
        using var stream = new MemoryStream(new byte[Vocabulary.MaxByteCount + 1]);
        string message = Assert.Throws<InvalidDataException>(() => Vocabulary.Load(stream)).Message;
        Assert.Contains("larger than", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(6)]
    public void GetPiece_RefusesIdsOutside(int id) => Assert.Throws<ArgumentOutOfRangeException>(() => Load(Good).GetPiece(id));

    private static Vocabulary Load(string text) => Vocabulary.Load(new MemoryStream(Encoding.UTF8.GetBytes(text)));
}
