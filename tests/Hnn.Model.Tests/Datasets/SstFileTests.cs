using System.Text;
using Hnn.Model.Datasets;

namespace Hnn.Model.Tests.Datasets;

public sealed class SstFileTests
{
    [Theory]
    [InlineData("sentence\tlabel\ngood \t1\nbad\t0\n")]
    [InlineData("sentence\tlabel\r\ngood \t1\r\nbad\t0")]
    public void Load_ReadsSentencesInOrder(string content) =>
        Assert.Equal([new LabelledSentence("good ", 1), new LabelledSentence("bad", 0)], Load(Encoding.UTF8.GetBytes(content)));

    [Theory]
    [InlineData("", "first line")]
    [InlineData("label\tsentence\ngood\t1\n", "first line")]
    [InlineData("sentence\tlabel\n", "no sentence")]
    [InlineData("sentence\tlabel\nsecret words\n", "Line 2")]
    [InlineData("sentence\tlabel\ngood\t1\nsecret words\t2\n", "Line 3")]
    [InlineData("sentence\tlabel\nsecret words\t1\t0\n", "Line 2")]
    public void Load_RefusesOtherFormatsWithoutQuotingThem(string content, string part)
    {
        string message = Assert.Throws<InvalidDataException>(() => Load(Encoding.UTF8.GetBytes(content))).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RefusesWhatIsNotUtf8() => Assert.Contains(
        "not UTF-8", Assert.Throws<InvalidDataException>(() => Load([0x41, 0xFF, 0xFE])).Message, StringComparison.Ordinal);

    private static IReadOnlyList<LabelledSentence> Load(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        return SstFile.Load(stream);
    }
}
