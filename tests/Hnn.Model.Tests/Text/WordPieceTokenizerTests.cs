using System.Text.Json;
using Hnn.Model.Text;

namespace Hnn.Model.Tests.Text;

public sealed class WordPieceTokenizerTests(TextFixture fixture) : TokenizerContract(fixture)
{
    private readonly TextFixture _fixture = fixture;

    protected override ITokenizer Create(Vocabulary vocabulary, bool isLowerCase = true) => new WordPieceTokenizer(vocabulary, isLowerCase);

    [Fact]
    public void Tokenize_MatchesTheModelsReferenceIds()
    {
        string path = TestData.RequireData("sst2", "dev.tsv");
        var tokenizer = new WordPieceTokenizer(_fixture.Vocabulary);
        byte[] reference = File.ReadAllBytes(Path.Combine(TestData.HnnTiny, "reference.json"));
        JsonElement[] sentences = [.. JsonSerializer.Deserialize<JsonElement>(reference).GetProperty("sentences").EnumerateArray()];
        HashSet<string> tokenized = [.. File.ReadLines(path).Skip(1)
            .Select(l => string.Join(' ', tokenizer.Tokenize(l[..l.LastIndexOf('\t')], 64).Ids))];
        Assert.All(sentences, s => Assert.Contains(string.Join(' ', s.GetProperty("ids").EnumerateArray()), tokenized));
    }
}
